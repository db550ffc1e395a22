//! One who is in scope, held by a handle of its own and signalled through that.

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
    /// It may not be signalled.
    is_not_permitted: bool,
    /// It could not be told from others when it was to be signalled last (no descriptor was left, say): nothing was sent.
    is_unsent: bool,
    /// By whom its end is told, where somebody waits for that.
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

    /// False: it may not be sent that.
    pub(crate) fn send(&mut self, signal: Signal) -> bool {
        let sent = self.target.signal(signal);
        let is_permitted = !matches!(&sent, Err(error) if error.is_not_permitted());
        self.is_unsent = is_permitted && sent.is_err();
        if self.is_unsent {
            return true;
        }
        // Anyone in its session may continue it, who may do nothing else to it. (kill(2))
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

    /// What it is at, as far as that can be seen. Who may not be stopped does not count.
    pub(crate) fn run_state(&self) -> RunState {
        let run_state = if self.is_not_permitted { None } else { self.target.run_state() };
        run_state.unwrap_or(RunState::Stopped)
    }

    /// That it lives on, and why.
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

/// After the signals SIGCONT: who is stopped acts on none.
pub(crate) fn with_continue<T: ProcessTable>(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    let needs_continue = T::CAN_STOP && !signals.is_empty();
    signals.iter().copied().chain(needs_continue.then_some(Signal::CONT))
}
