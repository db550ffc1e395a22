//! Ending a process, or all in its scope: what is asked for, and by which way it is told.

mod blocking;
mod call;
pub(crate) mod escalation;
mod killing;
mod one_shot;
pub(crate) mod report;
pub(crate) mod request;
mod run;
mod scan_schedule;
mod turn;
mod worker;

use std::{sync::Arc, time::Duration};

use crate::{target::KillTarget, types::Error};
use one_shot::OneShot;
use report::Termination;
use request::{CheckedRequest, OnTermination, Request};
use run::TerminationRun;

/// One call, by which it can be hurried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TerminationHandle(usize);

impl TerminationHandle {
    /// Skips what is left of its graces.
    pub fn force(self) {
        worker::force(self.0);
    }
}

/// Ends what is asked for, and has the report told. Calls for the same scope of the same process at the same time join:
/// each goes up its own ladder, but nobody is sent the first signals twice.
///
/// # Errors
/// [`Error::Protected`]; [`Error::NotGroupLeader`]; [`Error::Os`]: `ENOSYS` for what can't be done safely here, any other
/// where there is no thread. What is told may be [`Error::Os`] with `EPERM`: nobody in scope may be signalled.
pub fn terminate(
    target: &Arc<KillTarget>,
    request: Request,
    on_termination: OnTermination,
) -> Result<TerminationHandle, Error> {
    let request = CheckedRequest::new(target, request, on_termination)?;
    let termination = TerminationHandle(request.number);
    worker::submit(request)?;
    Ok(termination)
}

/// [`terminate`] that blocks the calling thread until all is over, or all time is up. Unless something else is being ended
/// at that time it needs no other thread, and no file descriptor of its own.
///
/// # Errors
/// As for [`terminate`], and what that tells.
pub fn terminate_sync(target: &Arc<KillTarget>, request: Request) -> Result<Termination, Error> {
    let report = OneShot::new();
    let sender = report.clone();
    let request = CheckedRequest::new(target, request, Box::new(move |report| sender.set(report)))?;
    // Somebody may be at this very target.
    if let Some(request) = worker::submit_beside_others(request) {
        blocking::carry_out(TerminationRun::new(request));
    }
    report.wait(Duration::MAX).unwrap_or(Err(Error::Internal))
}
