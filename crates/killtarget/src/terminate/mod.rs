//! The termination of a process or of its whole scope.

mod active_runs;
mod blocking;
mod call;
pub(crate) mod deadline;
pub(crate) mod escalation;
mod inbox;
mod killing;
mod one_shot;
pub(crate) mod progress;
pub(crate) mod report;
mod reporting;
pub(crate) mod request;
pub(crate) mod run;
mod scan_schedule;
mod signaling;
pub(crate) mod turn;
mod worker;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use crate::{target::KillTarget, types::Error};
use one_shot::one_shot;
use report::Termination;
use request::{Callbacks, CheckedRequest, Request};
use run::TerminationRun;

/// A handle on one call of [`terminate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TerminationHandle(usize);

impl TerminationHandle {
    /// Skips the rest of its grace periods.
    pub fn force(self) {
        worker::force(self.0);
    }
}

/// Terminates a process or its scope, in the background, and calls back with the report.
///
/// If the system refuses a thread for that, the thread that waits for exits does it. If there is none, this
/// blocks until the report, as [`terminate_sync`] does.
///
/// Calls for the same scope of the same process join while they run. Each escalates by its own plan. The
/// first step of a call that joins does not repeat signals that were sent before.
///
/// # Errors
/// [`Error::Protected`]; [`Error::NotGroupLeader`]; [`Error::Os`]: `ENOSYS` for what cannot be done safely on
/// this system. The callback gets [`Error::Os`] with `EPERM` if no process in scope may be signalled.
pub fn terminate(
    target: &Arc<KillTarget>,
    request: Request,
    callbacks: Callbacks,
) -> Result<TerminationHandle, Error> {
    Ok(start(CheckedRequest::new(target, request)?.reporting_to(callbacks)))
}

fn start(request: CheckedRequest) -> TerminationHandle {
    let termination = TerminationHandle(request.number);
    if let Some(request) = worker::submit(request) {
        // A panic drops the request, which sends its callback an error.
        let _ = catch_unwind(AssertUnwindSafe(|| blocking::carry_out(TerminationRun::new(request))));
    }
    termination
}

/// Terminates as [`terminate`] does, but blocks the calling thread until the report. It needs no worker
/// thread and no file descriptor of its own, unless another termination is running.
///
/// # Errors
/// Those of [`terminate`], and those that its callback gets.
pub fn terminate_sync(target: &Arc<KillTarget>, request: Request) -> Result<Termination, Error> {
    let (sender, report) = one_shot();
    let callbacks = Callbacks::new(Box::new(move |report| sender.send(report)));
    let request = CheckedRequest::new(target, request)?.reporting_to(callbacks);
    // The worker may be terminating this very target. The call joins then.
    if let Some(request) = worker::submit_if_running(request) {
        blocking::carry_out(TerminationRun::new(request));
    }
    report.wait(Duration::MAX).unwrap_or(Err(Error::Internal))
}
