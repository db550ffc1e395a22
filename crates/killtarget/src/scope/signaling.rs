//! Signals to those who are in scope: to each by his own handle, or to all of the group in one step.

use std::sync::Arc;

use super::{
    liveness::Liveness,
    member::{Member, with_continue},
    members::{Bounds, KillPhase, Members},
    process_table::{Process, ProcessTable},
    recipients::Recipients,
};
use crate::{
    sys::{RunState, Visibility},
    types::{Delivery, ProcessInfo, Scope, Signal},
};

impl<T: ProcessTable> Members<T> {
    /// Sends the signals to everyone, or to the root. Then they are continued: who is stopped acts on no signal. True: they
    /// went to all of the group in one step, whoever is known of it.
    pub(crate) fn signal(&mut self, signals: &[Signal], to: Recipients) -> bool {
        if signals.contains(&Signal::KILL) {
            self.sent_sigkill |= self.liveness() == Liveness::Alive;
        }
        match to {
            Recipients::Root => {
                let Self { root, living, .. } = self;
                for member in living.iter_mut().filter(|member| Arc::ptr_eq(&member.target, root)) {
                    member.send_all(signals);
                }
                false
            }
            Recipients::All => {
                let mut via_group = true;
                for signal in with_continue::<T>(signals) {
                    via_group &= self.send(signal);
                }
                via_group
            }
        }
    }

    /// SIGKILL to everyone, as far as they are known.
    pub(crate) fn kill(&mut self) {
        self.begin_kill();
        // Where that is one step nobody in the group is forked meanwhile. And then each, wherever it has gone.
        self.kill_group();
        for member in &mut self.living {
            member.send(Signal::KILL);
        }
        self.finish_kill();
    }

    /// SIGKILL to the group, in one step, and to those that have left it. False: there is no way to the group.
    pub(crate) fn kill_by_group(&mut self) -> bool {
        self.begin_kill();
        if !self.kill_group() {
            return false;
        }
        for member in self.living.iter_mut().filter(|member| !is_in_group(member, &self.root)) {
            member.send(Signal::KILL);
        }
        self.finish_kill();
        true
    }

    /// SIGKILL to everyone who was stopped. The kernel has a stopped child go on when its parent ends: so that comes last.
    /// (`setpgid(2)`: orphaned process groups.)
    pub(crate) fn kill_deepest_first(&mut self) {
        self.begin_kill();
        for member in self.living.iter_mut().rev() {
            member.send(Signal::KILL);
        }
        self.kill_group();
        self.finish_kill();
    }

    fn begin_kill(&mut self) {
        run_test_hook();
        self.sent_sigkill |= self.liveness() == Liveness::Alive;
    }

    fn kill_group(&mut self) -> bool {
        let is_sent = self.send_to_group(Signal::KILL) == Some(Delivery::Delivered);
        self.group_killed |= is_sent && T::GROUP_SIGNAL_IS_ATOMIC;
        is_sent
    }

    fn finish_kill(&mut self) {
        if !self.has_unsent() {
            self.kill_phase = KillPhase::Signalled;
        }
        self.sent_sigkill |= self.living.iter().any(|member| !member.is_not_permitted());
    }

    /// Some may have been started, and been left without a parent, while the others were killed.
    pub(crate) fn record_missed_orphans(&mut self) {
        if let Bounds::Tree(tree) = &mut self.bounds {
            tree.record_missed_orphans();
        }
    }

    /// Whether some could not be told from others when they were to be signalled, and are to be signalled again.
    pub(crate) fn has_unsent(&self) -> bool {
        self.living.iter().any(Member::is_unsent)
    }

    /// Stops those from that place on, so that they start nobody else before they are killed.
    pub(crate) fn stop(&mut self, from: usize) {
        run_test_hook();
        self.kill_phase = KillPhase::Stopped;
        for member in self.living.iter_mut().skip(from) {
            member.send(Signal::STOP);
        }
    }

    /// Whether everyone known is in the root's group.
    pub(crate) fn all_in_group(&self) -> bool {
        self.has_group() && self.living.iter().all(|member| is_in_group(member, &self.root))
    }

    /// True: everyone was sent it in one step, but for those that have left the group and were sent it each.
    pub(crate) fn send(&mut self, signal: Signal) -> bool {
        run_test_hook();
        // In a tree the root comes first, which may take care of the others; where they can't be seen, all at once.
        let uses_group = match self.bounds {
            Bounds::Process => false,
            Bounds::Group => true,
            Bounds::Tree(_) => self.summary.visibility == Visibility::None,
        };
        let via_group = uses_group && self.send_to_group(signal).is_some();
        for member in &mut self.living {
            if !via_group || !is_in_group(member, &self.root) {
                member.send(signal);
            }
        }
        via_group
    }

    /// What became of it: `Gone` where all of the group may not be signalled. `None`: there is no group, or no way to all of
    /// it.
    fn send_to_group(&mut self, signal: Signal) -> Option<Delivery> {
        // It may have come into the group by now.
        let holds_protected =
            || !self.allow_protected && T::check_protected(self.root.pid(), Scope::Group).is_err();
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

    /// SIGCONT to everyone. Gives those to whom it may not be sent.
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

    /// What those are at who may be signalled, as far as it can be seen: the one that is furthest from being stopped. Who was
    /// stopped and runs is stopped again, as somebody has continued it (the kernel, say, when its group became orphaned).
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

/// Whoever was stopped to be killed, and was not, goes on.
impl<T: ProcessTable> Drop for Members<T> {
    fn drop(&mut self) {
        if self.kill_phase == KillPhase::Stopped {
            for member in &mut self.living {
                member.send(Signal::CONT);
            }
        }
    }
}

/// Where tests have numbers change hands.
fn run_test_hook() {
    #[cfg(all(feature = "test-hooks", not(test)))]
    crate::test_hooks::run_hook();
}

fn is_in_group<T: ProcessTable>(member: &Member<T>, root: &T::Process) -> bool {
    // Who was reaped is in none, and need not be reached.
    T::group_of(member.target.pid()) == Some(root.pid()) || member.target.is_reaped()
}
