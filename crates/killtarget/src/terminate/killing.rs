//! SIGKILL to everyone in scope, and to those that come meanwhile.

use std::mem;

use super::run::TerminationRun;
use crate::{
    scope::{
        process_table::{Process, ProcessTable},
        sweep::{Sweep, SweepResult},
    },
    types::{Scope, Signal},
};

impl<T: ProcessTable> TerminationRun<T> {
    pub(super) fn sweep_on(&mut self, mut sweep: Sweep, process_list: &T::List) {
        sweep.has_run_in_turn = true;
        match sweep.advance(&mut self.members, process_list) {
            SweepResult::Pending => {
                self.sweep = Some(sweep);
                return;
            }
            SweepResult::Complete if !self.members.has_unsent() => self.has_killed(),
            SweepResult::Complete | SweepResult::Partial => self.has_sent(),
        }
        for call in &mut self.calls {
            if mem::take(&mut call.is_killing) {
                call.escalation.has_killed(T::now());
            }
        }
    }

    pub(super) fn kill(&mut self, place: usize) {
        if let Some(caller) = self.caller_at(place) {
            let _ = caller.signal(Signal::KILL);
            return;
        }
        if let Some(call) = self.calls.get_mut(place) {
            call.begin();
        }
        self.kill_all();
        if let Some(call) = self.calls.get_mut(place) {
            call.is_killing = self.sweep.is_some();
        }
    }

    /// Those who were not there, or not to be told from others, when SIGKILL was sent.
    pub(super) fn kill_latecomers(&mut self) {
        if self.is_last_chance {
            self.members.kill();
            return;
        }
        self.kill_all();
        if let Some(sweep) = &mut self.sweep {
            // Others, and the calls whose time is up, come first.
            sweep.has_run_in_turn = true;
        }
    }

    /// Whoever comes, and however often it is swept: once its time is up, a call is told.
    pub(super) fn report_overdue(&mut self) {
        let now = T::now();
        while let Some(place) =
            self.calls.iter().position(|call| !call.is_killing && call.escalation.is_over(now))
        {
            let Some(call) = self.calls.get_mut(place) else { break };
            if !call.begin_with_caller(&self.members) {
                self.calls.remove(place).report(&mut self.members);
            }
        }
        if self.calls.is_empty() {
            self.members.kill_deepest_first();
            self.sweep = None;
        }
    }

    pub(super) fn kill_all(&mut self) {
        let in_one_step = match self.members.scope() {
            Scope::Process => true,
            Scope::Group => T::GROUP_SIGNAL_IS_ATOMIC,
            Scope::Tree => false,
        };
        if !in_one_step {
            self.sweep = Some(Sweep::new(T::now()));
            return;
        }
        self.members.kill();
        self.has_sent();
    }

    /// After each round it is looked who has come meanwhile.
    pub(super) fn has_sent(&mut self) {
        self.scan_schedule.restart(T::now());
        self.is_sure = !self.members.can_have_others();
        self.scans_in_turn = 0;
        self.wants_scan |= self.members.can_have_others();
    }

    /// After SIGKILL to everyone nobody has come: it is enough to look once all are over, or don't seem to end.
    pub(super) fn has_killed(&mut self) {
        self.scan_schedule.restart_late(T::now());
        self.is_sure = false;
        self.scans_in_turn = 0;
    }
}
