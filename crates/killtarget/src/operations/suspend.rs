//! Stopping all in a scope, and having it go on.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::background::{BackgroundTask, OnDone};
use crate::{
    scope::{kernel::Kernel, members::Members, resolve::resolve},
    sys::{self, ProcessList, RunState},
    target::KillTarget,
    types::{Error, ProcessInfo, Scope, Signal},
};

/// How long it may take until all are stopped.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// Between two looks whether they are.
const STOP_POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Stops everyone in scope. Those that could not be stopped are who may not be signalled, and who runs on after a second (as
/// one does that waits in the kernel uninterruptibly; it will stop when that is over).
///
/// # Errors
/// [`Error::Protected`]; [`Error::NotGroupLeader`]; [`Error::Os`]: `ENOSYS` for what can't be done safely here, any other
/// where there is no thread. What is told may be [`Error::Os`] with `EPERM`: nobody in scope may be signalled.
pub fn suspend(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    on_done: OnDone,
) -> Result<(), Error> {
    begin(target, scope, allow_self, on_done, (Signal::STOP, stop))
}

/// Has everyone in scope go on who is stopped. Those that could not are who may not be signalled.
///
/// # Errors
/// As for [`suspend`].
pub fn resume(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    on_done: OnDone,
) -> Result<(), Error> {
    begin(target, scope, allow_self, on_done, (Signal::CONT, Members::resume))
}

fn begin(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    on_done: OnDone,
    (signal, apply): (Signal, fn(&mut Members) -> Vec<ProcessInfo>),
) -> Result<(), Error> {
    let scope = resolve::<Kernel>(target, scope, allow_self)?;
    if !sys::CAN_STOP {
        return Err(sys::unsupported("kill"));
    }
    let target = Arc::clone(target);
    let find = move || {
        let members = Members::find(&target, scope, allow_self);
        members.refusal().map_or(Ok(members), Err)
    };
    BackgroundTask { find, apply, to_caller: allow_self.then_some(signal) }.begin(on_done)
}

fn stop(members: &mut Members) -> Vec<ProcessInfo> {
    members.send(Signal::STOP);
    let deadline = Instant::now() + STOP_TIMEOUT;
    // Who forks while it is being stopped leaves a child that runs. Who is stopped forks no more: it comes to an end.
    loop {
        members.refresh();
        // Before the look: who stops during that may have started somebody after it was asked for its children.
        let was_stopped = members.stop_again() == RunState::Stopped;
        let first_latecomer = members.scan(&ProcessList::default());
        // In a group anybody's coming and going is a gap; but there all are stopped at once.
        let has_gaps = members.scope() == Scope::Tree && members.has_gaps();
        if first_latecomer < members.living().len() {
            members.send(Signal::STOP);
        } else if was_stopped && !has_gaps {
            break;
        }
        if Instant::now() >= deadline {
            break;
        }
        thread::sleep(STOP_POLL_INTERVAL);
    }
    members.unstopped()
}
