//! Signals to the members: to each through its own handle, or to the group in one step.

use std::sync::Arc;

use super::{
    bounds::Bounds,
    kill_phase::KillPhase,
    liveness::Liveness,
    member::{Member, with_continue},
    members::Members,
    process_table::{Process, ProcessTable},
    recipients::Recipients,
};
use crate::{
    sys::{RunState, Visibility},
    types::{Delivery, ProcessInfo, Scope, Signal},
};

impl<T: ProcessTable> Members<T> {
    /// Sends the signals to all members or to the root, then SIGCONT.
    pub(crate) fn signal(&mut self, signals: &[Signal], to: Recipients) {
        if signals.contains(&Signal::KILL) {
            self.sent_sigkill |= self.liveness() == Liveness::Alive;
        }
        match to {
            Recipients::Root if self.containment.is_some() => {
                self.record_signals(signals);
                self.signal_command(signals);
            }
            Recipients::Root => {
                self.record_signals(signals);
                let Self { root, living, .. } = self;
                for member in living.iter_mut().filter(|member| Arc::ptr_eq(&member.target, root)) {
                    for signal in with_continue::<T>(signals) {
                        member.send(signal);
                    }
                }
            }
            // Each signal ends its process there, and the guard ends all.
            Recipients::All if !T::CAN_STOP && self.can_ask_guard() && ends(signals) => {
                self.record_signals(signals);
                self.ask_guard();
            }
            Recipients::All => {
                for signal in with_continue::<T>(signals) {
                    self.send(signal);
                }
                self.continue_keepers();
            }
        }
    }

    /// Sends SIGKILL to every known member.
    pub(crate) fn kill(&mut self) {
        self.begin_kill();
        if self.can_ask_guard() {
            self.ask_guard();
            self.finish_kill();
            return;
        }
        self.ask_guards();
        // If the group signal is atomic, no member forks during it. A member that has left the group gets its
        // own.
        self.kill_group();
        for member in &mut self.living {
            member.send(Signal::KILL);
        }
        self.finish_kill();
    }

    /// Sends SIGKILL to the group in one step, and to each member that has left it. Returns false if the
    /// group cannot be signalled.
    pub(crate) fn kill_by_group(&mut self) -> bool {
        if self.can_ask_guard() {
            self.kill();
            return true;
        }
        self.begin_kill();
        if !self.kill_group() {
            return false;
        }
        for member in self.living.iter_mut().filter(|member| !is_in_group(member, &self.root)) {
            member.send(Signal::KILL);
        }
        self.record_lost_orphans();
        self.finish_kill();
        true
    }

    /// Sends SIGKILL to the stopped members, the deepest first.
    ///
    /// The kernel continues a stopped child if the exit of its parent orphans the process group (setpgid(2)).
    /// So each parent is killed after its children.
    pub(crate) fn kill_deepest_first(&mut self) {
        if self.can_ask_guard() {
            self.kill();
            return;
        }
        self.begin_kill();
        self.ask_guards();
        for member in self.living.iter_mut().rev() {
            member.send(Signal::KILL);
        }
        self.kill_group();
        self.finish_kill();
    }

    fn begin_kill(&mut self) {
        run_test_hook();
        self.record_signals(&[Signal::KILL]);
        self.sent_sigkill |= self.liveness() == Liveness::Alive;
    }

    fn kill_group(&mut self) -> bool {
        let is_sent = self.send_to_group(Signal::KILL) == Some(Delivery::Delivered);
        self.group_killed |= is_sent && T::GROUP_SIGNAL_IS_ATOMIC;
        is_sent
    }

    fn finish_kill(&mut self) {
        self.living.iter_mut().for_each(Member::continue_if_not_killed);
        if !self.has_unsent() {
            self.kill_phase = KillPhase::Signalled;
        }
        self.sent_sigkill |= self.living.iter().any(|member| !member.is_not_permitted());
    }

    /// Asks whether the members that live on after SIGKILL may be signalled. A signal to their group has not told that of each.
    pub(super) fn probe(&mut self) {
        for member in &mut self.living {
            member.send(Signal::PROBE);
        }
    }

    /// Returns whether any member that is left was sent a signal.
    pub(crate) fn has_signalled(&self) -> bool {
        self.living.iter().any(|member| member.was_signalled)
    }

    /// Records that a member may have started a process that was orphaned during the kill.
    pub(crate) fn record_missed_orphans(&mut self) {
        if let Bounds::Tree(tree) = &mut self.bounds {
            tree.record_missed_orphans();
        }
    }

    /// Returns whether a member's identity could not be verified for the last signal, so that it must be sent
    /// again.
    pub(crate) fn has_unsent(&self) -> bool {
        self.living.iter().any(Member::is_unsent)
    }

    /// Stops the members from that index on, so that they cannot fork before SIGKILL.
    pub(crate) fn stop(&mut self, from: usize) {
        run_test_hook();
        self.kill_phase = KillPhase::Stopped;
        for member in self.living.iter_mut().skip(from) {
            member.send(Signal::STOP);
        }
    }

    /// Returns whether every known member is in the root's group.
    pub(crate) fn all_in_group(&self) -> bool {
        self.has_group() && self.living.iter().all(|member| is_in_group(member, &self.root))
    }

    /// Sends a signal to every member. If the group gets it in one step, a member that has left the group gets
    /// its own.
    pub(crate) fn send(&mut self, signal: Signal) {
        run_test_hook();
        self.record_signals(&[signal]);
        self.begin_signal(signal);
        // In a tree the root comes first: it may end its descendants itself. If no process is visible, only
        // the group can be reached.
        let uses_group = match self.bounds {
            Bounds::Process => false,
            Bounds::Group => true,
            Bounds::Tree(_) => self.summary.visibility == Visibility::None,
        };
        let via_group = uses_group && self.send_to_group(signal).is_some();
        if via_group {
            self.record_group_signal(signal);
        }
        for member in &mut self.living {
            if via_group && is_in_group(member, &self.root) {
                continue;
            }
            if via_group {
                member.send(signal);
            } else {
                member.send_recorded(signal);
            }
        }
    }

    /// Returns whether a signal to the root's group reaches only members.
    pub(super) fn has_group(&self) -> bool {
        self.leaves_none_alone()
            && match &self.bounds {
                Bounds::Process => false,
                Bounds::Group => true,
                Bounds::Tree(tree) => tree.leads_group() && !self.holds_guards(),
            }
    }

    /// Returns whether nothing proves any more that the group with the root's pid is the root's, and it may be.
    pub(super) fn may_have_group(&self) -> bool {
        self.leaves_none_alone() && matches!(&self.bounds, Bounds::Tree(tree) if tree.may_lead_group())
    }

    fn leaves_none_alone(&self) -> bool {
        self.caller.is_none() && self.containment.is_none() && self.excepted.is_empty()
    }

    /// Returns [`Delivery::Gone`] if no member of the group may be signalled, or `None` if the group cannot
    /// be signalled.
    fn send_to_group(&mut self, signal: Signal) -> Option<Delivery> {
        // A protected process may have joined the group since the scope was checked.
        let holds_protected = || {
            !self.allow_protected && T::check_protected(self.root.pid(), Scope::Group, &|_| false).is_err()
        };
        if !self.has_group() || holds_protected() {
            return None;
        }
        match self.root.signal_group(signal) {
            Ok(Delivery::Delivered) => {
                self.race_free &= self.root.group_race_free();
                Some(Delivery::Delivered)
            }
            Err(error) if error.is_not_permitted() => Some(Delivery::Gone),
            _ => None,
        }
    }

    /// Sends SIGCONT to every member. Returns those that may not be sent it.
    pub(crate) fn resume(&mut self) -> Vec<ProcessInfo> {
        if matches!(self.bounds, Bounds::Group) {
            self.send_to_group(Signal::CONT);
        }
        let failed = self.living.iter_mut().filter_map(|member| {
            let is_permitted = member.send(Signal::CONT);
            (!is_permitted).then(|| member.target.info())
        });
        failed.chain(self.summary.unverified.iter().cloned()).collect()
    }

    /// Continues the members that were stopped for a kill and not killed.
    pub(super) fn continue_stopped(&mut self) {
        if self.kill_phase == KillPhase::Stopped {
            for member in &mut self.living {
                member.send(Signal::CONT);
            }
        }
    }

    /// Returns the run state furthest from stopped, of the members that may be signalled.
    ///
    /// Stops again each member that runs. Another process may have continued it, or the kernel when its group
    /// was orphaned.
    pub(crate) fn stop_again(&mut self) -> RunState {
        let mut most_active = RunState::Stopped;
        for member in &mut self.living {
            let run_state = member.run_state();
            if run_state == RunState::Running {
                member.send(Signal::STOP);
            }
            most_active = most_active.max(run_state);
        }
        most_active
    }
}

impl<T: ProcessTable> Drop for Members<T> {
    fn drop(&mut self) {
        self.continue_stopped();
    }
}

/// Returns whether one of the signals is more than a question.
fn ends(signals: &[Signal]) -> bool {
    signals.iter().any(|signal| *signal != Signal::PROBE)
}

/// Lets tests change the processes right before a signal.
fn run_test_hook() {
    #[cfg(all(feature = "test-hooks", not(test)))]
    crate::test_hooks::run_hook();
}

fn is_in_group<T: ProcessTable>(member: &Member<T>, root: &T::Process) -> bool {
    // A reaped process is in no group, and needs no signal.
    T::group_of(member.target.pid()) == Some(root.pid()) || member.target.is_reaped()
}
