//! Stops and continues every process in scope.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::background::{BackgroundTask, OnDone};
use crate::{
    scope::{
        excepted::Excepted,
        kernel::Kernel,
        members::Members,
        resolve::resolve,
        stop_check::{PATIENT_TIMEOUT, StopCheck},
    },
    sys::{self, ProcessList, RunState, Visibility},
    target::KillTarget,
    types::{Error, ProcessInfo, Scope, Signal},
};

/// The limit for all members to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// The limit of scans with gaps, where only these stand against the result.
const GAP_TIMEOUT: Duration = Duration::from_secs(4);

/// The interval between checks.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Stops every process in scope. If no thread can be started, this blocks until the callback was called.
///
/// The callback gets the processes that may not be signalled, and those that run after a second. An
/// uninterruptible process is one of these, and stops later.
///
/// # Errors
/// [`Error::Protected`]; [`Error::NotGroupLeader`]; [`Error::Os`]: `ENOSYS` for what cannot be done safely on
/// this system. The callback gets [`Error::Os`] with `EPERM` if no process in scope may be signalled, or with `ENOSYS` if
/// processes are not visible. It gets [`Error::MayMissDescendants`] if scans of the tree could not show all of it, and none of
/// those that they showed is one for the callback.
pub fn suspend(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    on_done: OnDone,
) -> Result<(), Error> {
    begin(target, scope, allow_self, on_done, (Signal::STOP, stop))
}

/// Continues every stopped process in scope. The callback gets the processes that may not be signalled.
///
/// # Errors
/// As for [`suspend`].
pub fn resume(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    on_done: OnDone,
) -> Result<(), Error> {
    begin(target, scope, allow_self, on_done, (Signal::CONT, resume_all))
}

/// Signals the members, and returns those for which that failed.
type Apply = fn(&mut Members) -> Result<Vec<ProcessInfo>, Error>;

fn begin(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    on_done: OnDone,
    (signal, apply): (Signal, Apply),
) -> Result<(), Error> {
    let scope = resolve::<Kernel>(target, scope, allow_self, &Excepted::none())?;
    if !sys::CAN_STOP {
        return Err(sys::unsupported("kill"));
    }
    let target = Arc::clone(target);
    let find = move || {
        let members = Members::find(&target, scope, allow_self);
        if scope == Scope::Tree && members.visibility() == Visibility::None {
            return Err(sys::unsupported(sys::calls::LIST_PROCESSES));
        }
        members.refusal().map_or(Ok(members), Err)
    };
    BackgroundTask { find, apply, to_caller: allow_self.then_some(signal) }.begin(on_done);
    Ok(())
}

/// An empty result says that every process runs, so it must not come of a scan with a gap.
fn resume_all(members: &mut Members) -> Result<Vec<ProcessInfo>, Error> {
    let start = Instant::now();
    loop {
        let failed = members.resume();
        if !members.may_miss_children() || !failed.is_empty() {
            return Ok(failed);
        }
        if start.elapsed() >= GAP_TIMEOUT {
            return Err(Error::MayMissDescendants(members.root().pid()));
        }
        thread::sleep(POLL_INTERVAL);
        members.scan(&ProcessList::default());
    }
}

/// An empty result says that every process has stopped, so it must not come of a scan with a gap.
fn stop(members: &mut Members) -> Result<Vec<ProcessInfo>, Error> {
    members.send(Signal::STOP);
    let mut stop_check = StopCheck::new(PATIENT_TIMEOUT);
    let start = Instant::now();
    // A process may fork before it stops, and its child runs. A stopped process cannot fork, so this ends.
    loop {
        members.refresh();
        // Before the scan: a member that stops during the scan may have forked after its children were read.
        let was_stopped = stop_check.has_stopped(members, RunState::Traced);
        // Before the scan, too: it finds the process of the command as soon as there is one.
        let is_starting = members.is_contained() && members.root().is_starting();
        let first_latecomer = members.scan(&ProcessList::default());
        // In a group every exit leaves a gap, also that of a process outside of it. Its members have stopped by then.
        let has_gaps = members.scope() == Scope::Tree && members.has_gaps() || is_starting;
        if first_latecomer < members.living().len() {
            members.send(Signal::STOP);
        } else if was_stopped && !has_gaps {
            return Ok(members.unstopped(RunState::Traced));
        }
        if start.elapsed() >= STOP_TIMEOUT {
            let running = members.unstopped(RunState::Stopped);
            if !has_gaps || !running.is_empty() {
                return Ok(running);
            }
            if start.elapsed() >= GAP_TIMEOUT {
                return Err(Error::MayMissDescendants(members.root().pid()));
            }
        }
        thread::sleep(POLL_INTERVAL);
    }
}
