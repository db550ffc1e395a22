//! A termination that begins at a time, unless the process has exited by then.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    TerminationHandle,
    request::{Callbacks, CheckedRequest, Request},
    start,
};
use crate::{
    reactor::{self, Timer},
    target::KillTarget,
    types::Error,
};

/// A handle on one call of [`terminate_after`].
#[derive(Clone)]
pub struct Deadline(Arc<Shared>);

struct Shared {
    target: Arc<KillTarget>,
    state: Mutex<State>,
}

enum State {
    /// The timer is absent until it is set.
    Waiting(Option<Timer>, Request, Callbacks),
    /// The handle is absent until the termination has started. `is_forced`: it must be forced then.
    Begun { termination: Option<TerminationHandle>, is_forced: bool },
    /// It never begins: it was cancelled, or the process had exited.
    Over,
}

/// Terminates a process or its scope as [`terminate`](crate::terminate()) does, once `delay` has passed. If the process has exited by then,
/// nothing is done, and the callback is dropped.
///
/// # Errors
/// [`Error::Os`] if there is no descriptor or no thread to keep the time. The callback gets all errors of [`terminate`](crate::terminate()).
pub fn terminate_after(
    delay: Duration,
    target: &Arc<KillTarget>,
    request: Request,
    callbacks: Callbacks,
) -> Result<Deadline, Error> {
    let state = Mutex::new(State::Waiting(None, request, callbacks));
    let deadline = Deadline(Arc::new(Shared { target: Arc::clone(target), state }));
    let begun = deadline.clone();
    let timer = reactor::after(delay, Box::new(move || begun.begin()))?;
    if let State::Waiting(slot, ..) = &mut *deadline.0.lock() {
        *slot = Some(timer);
    }
    Ok(deadline)
}

impl Deadline {
    /// Cancels the termination. Returns false if it has begun.
    #[must_use]
    pub fn cancel(&self) -> bool {
        if let State::Waiting(Some(timer), ..) = self.0.leave(State::Over) {
            reactor::cancel_timer(timer);
        }
        !matches!(*self.0.lock(), State::Begun { .. })
    }

    /// Skips the grace periods, also if it begins later.
    pub fn force(&self) {
        let termination = match &mut *self.0.lock() {
            State::Waiting(_, request, _) => {
                request.forced = true;
                None
            }
            State::Begun { termination, is_forced } => {
                *is_forced = true;
                *termination
            }
            State::Over => None,
        };
        if let Some(termination) = termination {
            termination.force();
        }
    }

    fn begin(&self) {
        let has_exited = self.0.target.is_alive() == Ok(false);
        let next =
            if has_exited { State::Over } else { State::Begun { termination: None, is_forced: false } };
        let State::Waiting(_, request, callbacks) = self.0.leave(next) else { return };
        if has_exited {
            return;
        }
        // The first turn finds the members: this is the thread that tells of exits.
        match CheckedRequest::unscanned(&self.0.target, request) {
            Ok(request) => {
                let started = start(request.reporting_to(callbacks));
                if self.0.has_begun(started) {
                    started.force();
                }
            }
            Err(error) => (callbacks.on_termination)(Err(error)),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the state [`State::Waiting`] for another one. Returns it, or `State::Over` if that was left before. The caller
    /// drops it without the lock: it may take long to drop what the callback holds.
    fn leave(&self, next: State) -> State {
        let mut state = self.lock();
        if matches!(*state, State::Waiting(..)) { mem::replace(&mut *state, next) } else { State::Over }
    }

    /// Records that the termination has started. Returns whether it must be forced.
    fn has_begun(&self, started: TerminationHandle) -> bool {
        match &mut *self.lock() {
            State::Begun { termination, is_forced } => {
                *termination = Some(started);
                *is_forced
            }
            State::Waiting(..) | State::Over => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        process::Child,
        sync::mpsc::{Receiver, channel},
        time::Instant,
    };

    use super::*;
    use crate::{
        sys,
        terminate::{
            escalation::Plan,
            report::{Outcome, Termination},
        },
        types::Scope,
    };

    const LONG: Duration = Duration::from_secs(30);

    /// Starts a process that exits when its input ends, and a termination of it after a delay.
    fn schedule(delay: Duration) -> (Child, Deadline, Receiver<Result<Termination, Error>>) {
        let (child, target) = start_reader();
        let (deadline, reports) = schedule_for(delay, &target);
        (child, deadline, reports)
    }

    fn start_reader() -> (Child, Arc<KillTarget>) {
        let child = sys::start_reader();
        let target = Arc::new(KillTarget::from_child(&child).unwrap().unwrap());
        (child, target)
    }

    fn schedule_for(
        delay: Duration,
        target: &Arc<KillTarget>,
    ) -> (Deadline, Receiver<Result<Termination, Error>>) {
        let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(LONG) };
        let request = Request::new(Scope::Process, plan);
        let (sender, reports) = channel();
        let callbacks = Callbacks::new(Box::new(move |report| sender.send(report).unwrap()));
        (terminate_after(delay, target, request, callbacks).unwrap(), reports)
    }

    #[test]
    fn it_begins_at_its_time_and_cannot_be_cancelled_then() {
        let delay = Duration::from_millis(20);
        let begin = Instant::now();
        let (mut child, deadline, reports) = schedule(delay);
        let report = reports.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!((report.outcome, report.ended), (Outcome::Killed, 1));
        assert!(begin.elapsed() >= delay);
        assert!(!deadline.cancel());
        deadline.force();
        child.wait().unwrap();
    }

    #[test]
    fn a_cancelled_one_never_begins_and_drops_its_callback() {
        let (mut child, deadline, reports) = schedule(LONG);
        deadline.force();
        assert!(deadline.cancel());
        assert!(deadline.cancel());
        assert!(reports.recv().is_err());
        assert_eq!(child.try_wait().unwrap(), None);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_process_that_has_exited_by_then_is_not_terminated() {
        let (mut child, target) = start_reader();
        child.kill().unwrap();
        child.wait().unwrap();
        let (deadline, reports) = schedule_for(Duration::from_millis(20), &target);
        assert!(reports.recv_timeout(LONG).is_err(), "the callback is dropped");
        assert!(deadline.cancel());
    }

    #[test]
    fn a_refusal_is_reported_when_it_begins() {
        let caller = Arc::new(KillTarget::from_pid(sys::own_pid()).unwrap());
        let (deadline, reports) = schedule_for(Duration::ZERO, &caller);
        assert!(matches!(reports.recv_timeout(LONG), Ok(Err(Error::Protected { .. }))));
        assert!(!deadline.cancel());
    }
}
