//! One process in scope, with its own handle.

use super::{
    kernel::Kernel,
    process_table::{Process, ProcessTable},
    survivor::{Reason, Survivor},
};
use crate::{
    reactor::Watching,
    sys::RunState,
    types::{Method, Signal},
};
use std::sync::Arc;

pub(crate) struct Member<T: ProcessTable = Kernel> {
    pub(crate) target: Arc<T::Process>,
    /// The kernel refused the last signal with `EPERM`.
    is_not_permitted: bool,
    /// The last signal was not sent: the identity could not be verified, for example without a free
    /// descriptor.
    is_unsent: bool,
    /// Reports the exit while this is kept.
    pub(crate) watching: Option<Watching>,
}

impl<T: ProcessTable> Member<T> {
    pub(crate) fn new(target: Arc<T::Process>) -> Self {
        let mut member = Self { target, is_not_permitted: false, is_unsent: false, watching: None };
        member.send(Signal::PROBE);
        member
    }

    pub(crate) fn is_not_permitted(&self) -> bool {
        self.is_not_permitted
    }

    /// Sends a signal. Returns false only if that is not permitted.
    pub(crate) fn send(&mut self, signal: Signal) -> bool {
        let sent = self.target.signal(signal);
        let is_permitted = !matches!(&sent, Err(error) if error.is_not_permitted());
        self.is_unsent = is_permitted && sent.is_err();
        if self.is_unsent {
            return true;
        }
        // kill(2) lets any process in the session send SIGCONT. So a SIGCONT that arrives does not show that
        // other signals are permitted.
        if signal != Signal::CONT {
            self.is_not_permitted = !is_permitted;
        }
        is_permitted
    }

    pub(crate) fn is_unsent(&self) -> bool {
        self.is_unsent
    }

    pub(crate) fn send_all(&mut self, signals: &[Signal]) {
        for signal in with_continue::<T>(signals) {
            self.send(signal);
        }
    }

    /// Returns the run state. A member that may not be stopped, or cannot be read, counts as stopped.
    pub(crate) fn run_state(&self) -> RunState {
        let run_state = if self.is_not_permitted { None } else { self.target.run_state() };
        run_state.unwrap_or(RunState::Stopped)
    }

    /// Returns the member as a survivor, with the reason.
    pub(crate) fn survivor(&self, sent_sigkill: bool) -> Survivor {
        let process = self.target.info();
        let reason = match process.state {
            _ if self.is_not_permitted => Reason::NotPermitted,
            _ if self.target.method() == Method::Pid => Reason::Unverified,
            Some('D') if sent_sigkill => Reason::Uninterruptible,
            _ => Reason::Timeout,
        };
        Survivor { process, reason }
    }
}

/// Adds SIGCONT after the signals: a stopped process acts on no other.
pub(crate) fn with_continue<T: ProcessTable>(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    let needs_continue = T::CAN_STOP && !signals.is_empty();
    signals.iter().copied().chain(needs_continue.then_some(Signal::CONT))
}
