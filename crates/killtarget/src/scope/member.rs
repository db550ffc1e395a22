//! One process in scope, with its own handle.

use super::{
    kernel::Kernel,
    process_table::{Process, ProcessTable},
    survivor::{Reason, Survivor},
};
use crate::{
    reactor::Watching,
    sys::{Moment, RunState},
    types::{Delivery, Error, GuardRole, Method, Signal},
};
use std::{mem, sync::Arc, time::Duration};

/// What became of a polite signal to a member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum PoliteRecord {
    /// It was sent right after that moment.
    Sent(Moment),
    /// It is not for this member.
    Spared,
    /// It is left to a guard, which was asked to send it to all below, or passes it on. This is that guard, or below it.
    Left,
}

/// A polite signal to all members.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoliteSignal {
    pub(super) signal: Signal,
    /// The moment right before the first member was sent it.
    pub(super) began: Moment,
    /// Whether it went to the group in one step. A process that was in the group got it before a scan found that
    /// process.
    pub(super) to_group: bool,
}

#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(crate) struct Member<T: ProcessTable = Kernel> {
    pub(crate) target: Arc<T::Process>,
    /// Which process of a guard it is. A guard gets no signals: it is asked.
    guard_role: Option<GuardRole>,
    /// Whether it is a guard that was not told yet what all others were asked.
    is_untold: bool,
    /// The kernel refused the last signal with `EPERM`.
    is_not_permitted: bool,
    /// The last signal was not sent: the identity could not be verified, for example without a free
    /// descriptor.
    is_unsent: bool,
    /// It was sent SIGSTOP, and no SIGCONT since.
    was_stopped: bool,
    /// It was sent any signal but SIGCONT.
    pub(super) was_signalled: bool,
    /// What became of each polite signal.
    polite: Vec<(Signal, PoliteRecord)>,
    /// Found by the scan for a report, and sent nothing yet.
    pub(super) is_for_report: bool,
    /// Reports the exit while this is kept.
    pub(crate) watching: Option<Watching>,
}

impl<T: ProcessTable> Member<T> {
    /// Makes a member. The role is given of the guard that contains the tree.
    pub(crate) fn new(target: Arc<T::Process>, guard_role: Option<GuardRole>) -> Self {
        let mut member = Self {
            target,
            guard_role,
            is_untold: guard_role.is_some(),
            is_not_permitted: false,
            is_unsent: false,
            was_stopped: false,
            was_signalled: false,
            polite: Vec::new(),
            is_for_report: false,
            watching: None,
        };
        member.send(Signal::PROBE);
        member
    }

    pub(crate) fn is_not_permitted(&self) -> bool {
        self.is_not_permitted
    }

    pub(crate) fn is_guard(&self) -> bool {
        self.guard_role.is_some()
    }

    pub(super) fn is_keeper(&self) -> bool {
        self.guard_role == Some(GuardRole::Keeper)
    }

    /// Looks whether it is a guard by now.
    pub(super) fn look_for_guard_role(&mut self) {
        if self.guard_role.is_none() {
            self.guard_role = self.target.guard_role();
            self.is_untold = self.is_guard();
        }
    }

    /// Tells a guard that all below it were asked to exit, and how long they have.
    pub(super) fn note_asked(&mut self, time: Duration) {
        if self.is_guard() {
            self.is_untold = self.target.tell_asked(None, time).is_none();
        }
    }

    /// Tells one that has become a guard since it was sent signals, or could not be told before. It passes these on, or what it has
    /// started is a clean-up.
    pub(super) fn tell_new_guard(&mut self, signals: &[Signal], time: Option<Duration>, with_sigcont: bool) {
        if self.is_untold {
            let owed = signals.iter().find(|signal| self.recorded(**signal).is_none());
            self.tell_late_guard(owed.copied(), time, with_sigcont);
            self.polite.iter_mut().for_each(|(_, record)| *record = PoliteRecord::Left);
        }
    }

    /// Tells a guard that was found after all were asked to exit. It may have asked all below it already, as its host has exited by
    /// that. So it is to ask them if the signal is for them. Otherwise it is told that they were asked.
    pub(super) fn tell_late_guard(
        &mut self,
        signal: Option<Signal>,
        time: Option<Duration>,
        with_sigcont: bool,
    ) {
        let (true, Some(time)) = (self.is_untold, time) else { return };
        // The keeper hears it from its guard.
        let signal = signal.filter(|signal| is_polite::<T>(*signal) && !self.is_keeper());
        let was_told = self.target.tell_asked(signal, time);
        self.is_untold = was_told.is_none();
        if let Some(signal) = signal.filter(|_| was_told == Some(true)) {
            self.record(signal, PoliteRecord::Left);
            // It is stopped while its command is.
            if with_sigcont {
                self.pass(Signal::CONT);
            }
        }
    }

    /// Continues a keeper that is stopped. It continues its guard.
    pub(super) fn continue_keeper(&mut self) {
        if self.is_keeper() && self.target.run_state() == Some(RunState::Stopped) {
            let _ = self.target.signal(Signal::CONT);
        }
    }

    /// Sends a signal, unless it is a guard. Returns false only if that is not permitted.
    pub(crate) fn send(&mut self, signal: Signal) -> bool {
        if self.is_guard() && signal != Signal::PROBE {
            return !self.is_not_permitted;
        }
        let sent = self.target.signal(signal);
        self.record_sent(signal, &sent)
    }

    /// Asks a guard to kill all that it has started. Returns false if the request cannot be sent.
    pub(super) fn ask_to_kill(&mut self) -> bool {
        let sent = self.target.request_kill();
        self.is_not_permitted = matches!(&sent, Err(error) if error.is_not_permitted());
        self.was_signalled |= sent.is_ok();
        // It is stopped while its command is.
        let _ = self.target.signal(Signal::CONT);
        sent == Ok(Delivery::Delivered)
    }

    /// Sends a signal, also to a guard.
    pub(super) fn pass(&mut self, signal: Signal) {
        let sent = self.target.signal(signal);
        self.record_sent(signal, &sent);
    }

    fn record_sent(&mut self, signal: Signal, sent: &Result<Delivery, Error>) -> bool {
        let is_permitted = !matches!(sent, Err(error) if error.is_not_permitted());
        let is_unsent = is_permitted && sent.is_err();
        // A polite signal that was not sent stays so, whatever follows it, until it is sent again.
        let stays = self.is_unsent && (signal == Signal::CONT || is_polite::<T>(signal));
        self.is_unsent = is_unsent || stays;
        if is_unsent {
            return true;
        }
        // kill(2) lets any process in the session send SIGCONT. So a SIGCONT that arrives does not show that
        // other signals are permitted.
        if signal != Signal::CONT {
            self.is_not_permitted = !is_permitted;
        }
        if is_permitted && signal != Signal::PROBE {
            // SIGCONT alone changes nothing for a process that was not stopped.
            self.was_signalled |= signal != Signal::CONT;
            self.was_stopped = signal == Signal::STOP || self.was_stopped && signal != Signal::CONT;
        }
        is_permitted
    }

    /// Continues a member that was stopped for SIGKILL and may not be sent it any more, as after it has changed its user.
    pub(super) fn continue_if_not_killed(&mut self) {
        if self.was_stopped && self.is_not_permitted {
            self.send(Signal::CONT);
        }
    }

    /// Begins to send again what was not sent.
    pub(super) fn forget_unsent(&mut self) {
        self.is_unsent = false;
    }

    pub(crate) fn is_unsent(&self) -> bool {
        self.is_unsent
    }

    /// Sends a signal. Records it, if it is polite.
    pub(crate) fn send_recorded(&mut self, signal: Signal) {
        if self.is_guard() {
            return;
        }
        let moment = is_polite::<T>(signal).then(T::moment);
        let was_unsent = mem::take(&mut self.is_unsent);
        let is_permitted = self.send(signal);
        let is_sent = is_permitted && !self.is_unsent;
        self.is_unsent |= was_unsent;
        if let Some(moment) = moment.filter(|_| is_sent) {
            self.record(signal, PoliteRecord::Sent(moment));
        }
    }

    /// Records what became of a signal.
    pub(crate) fn record(&mut self, signal: Signal, record: PoliteRecord) {
        match self.polite.iter_mut().find(|(other, _)| *other == signal) {
            Some((_, known)) => *known = record,
            None => self.polite.push((signal, record)),
        }
    }

    /// Records why a signal is not sent to this member, unless it was sent before.
    pub(crate) fn spare(&mut self, signal: Signal, reason: PoliteRecord) {
        // The guard that it is left to tells those below.
        self.is_untold &= reason != PoliteRecord::Left;
        if self.recorded(signal).is_none() {
            self.record(signal, reason);
        }
    }

    /// Returns what was recorded for a signal.
    pub(crate) fn recorded(&self, signal: Signal) -> Option<PoliteRecord> {
        self.polite.iter().find(|(other, _)| *other == signal).map(|(_, record)| *record)
    }

    /// Returns the run state. A member that may not be stopped, or cannot be read, counts as stopped. So does a guard.
    pub(crate) fn run_state(&self) -> RunState {
        let run_state = if self.is_not_permitted || self.is_guard() { None } else { self.target.run_state() };
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

/// Returns whether a process that gets the signal may start others to clean up.
pub(super) fn is_polite<T: ProcessTable>(signal: Signal) -> bool {
    // Elsewhere each signal terminates at once.
    T::CAN_STOP && ![Signal::KILL, Signal::STOP, Signal::CONT, Signal::PROBE].contains(&signal)
}

/// Adds SIGCONT after the signals: a stopped process acts on no other.
pub(crate) fn with_continue<T: ProcessTable>(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    let needs_continue = T::CAN_STOP && !signals.is_empty();
    signals.iter().copied().chain(needs_continue.then_some(Signal::CONT))
}
