//! Stopping all in a scope, and having it go on.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    error::Error,
    info::ProcessInfo,
    ladder::Living,
    members::Members,
    scope::Scope,
    signal::Signal,
    sys::{self, Listing},
    target::KillTarget,
    terminate::resolve,
};

/// How long it may take until all are stopped.
const LONGEST: Duration = Duration::from_secs(1);

/// Between two looks whether they are.
const PAUSE: Duration = Duration::from_millis(1);

/// Told on another thread: those for whom it could not be done.
pub type OnSuspended = Box<dyn FnOnce(Result<Vec<ProcessInfo>, Error>) + Send>;

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
    tell: OnSuspended,
) -> Result<(), Error> {
    begin(target, scope, allow_self, tell, stop)
}

/// Has everyone in scope go on who is stopped. Those that could not are who may not be signalled.
///
/// # Errors
/// As for [`suspend`].
pub fn resume(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    tell: OnSuspended,
) -> Result<(), Error> {
    begin(target, scope, allow_self, tell, go_on)
}

fn begin(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    allow_self: bool,
    tell: OnSuspended,
    act: fn(&mut Members) -> (Signal, Vec<ProcessInfo>),
) -> Result<(), Error> {
    let scope = resolve(target, scope, allow_self)?;
    let target = Arc::clone(target);
    let act = move || {
        let mut members = Members::find(&target, scope);
        let (signal, failed) = act(&mut members);
        let is_refused = !failed.is_empty() && failed.len() == members.living().len();
        if is_refused && members.me().is_none() && members.who_lives() == Living::Untouchables {
            return Err(sys::not_permitted("kill"));
        }
        Ok((members, signal, failed))
    };
    let work = move || match catch_unwind(AssertUnwindSafe(act)).unwrap_or(Err(Error::Internal)) {
        Ok((members, signal, failed)) => {
            tell(Ok(failed));
            // Last, as nothing is done after that until it is resumed.
            if let Some(me) = members.me().filter(|_| allow_self) {
                let _ = me.signal(signal);
            }
        }
        Err(error) => tell(Err(error)),
    };
    thread::Builder::new().name("killtarget-stop".to_owned()).spawn(work).map_err(sys::io_error("clone"))?;
    Ok(())
}

fn stop(members: &mut Members) -> (Signal, Vec<ProcessInfo>) {
    members.send(Signal::STOP);
    let deadline = Instant::now() + LONGEST;
    // Who forks while it is being stopped leaves a child that runs. Who is stopped forks no more: it comes to an end.
    loop {
        members.refresh();
        let newcomers =
            if members.can_have_others() { members.look(&Listing::take()) } else { members.living().len() };
        let any_new = newcomers < members.living().len();
        if any_new {
            members.send(Signal::STOP);
        } else if members.are_stopped() {
            break;
        }
        if Instant::now() >= deadline {
            break;
        }
        thread::sleep(PAUSE);
    }
    (Signal::STOP, members.unstopped())
}

fn go_on(members: &mut Members) -> (Signal, Vec<ProcessInfo>) {
    (Signal::CONT, members.resume())
}
