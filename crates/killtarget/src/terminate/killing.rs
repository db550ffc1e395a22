//! SIGKILL to every process in scope, and to latecomers.

use std::mem;

use super::{
    progress::Event,
    run::{MAX_SCANS, TerminationRun},
};
use crate::{
    scope::{
        process_table::{Process, ProcessTable},
        sweep::{Sweep, SweepResult},
    },
    types::{Scope, Signal},
};

impl<T: ProcessTable> TerminationRun<T> {
    pub(super) fn advance_sweep(&mut self, mut sweep: Sweep, process_list: &T::List) {
        sweep.has_run_in_turn = true;
        match sweep.advance(&mut self.members, process_list) {
            SweepResult::Pending => {
                self.sweep = Some(sweep);
                return;
            }
            SweepResult::Complete if !self.members.has_unsent() => self.schedule_last_scan(),
            SweepResult::Complete | SweepResult::Partial => self.schedule_scans(),
        }
        for call in &mut self.calls {
            if mem::take(&mut call.is_killing) {
                call.tell(Event::Kill, &self.members);
                call.escalation.restart_last_wait(T::now());
            }
        }
    }

    pub(super) fn kill(&mut self, index: usize) {
        if let Some(caller) = self.caller_at(index) {
            let _ = caller.signal(Signal::KILL);
            return;
        }
        if let Some(call) = self.calls.get_mut(index) {
            call.begin();
        }
        self.kill_all();
        if let Some(call) = self.calls.get_mut(index) {
            call.is_killing = self.sweep.is_some();
            if !call.is_killing {
                call.tell(Event::Kill, &self.members);
            }
        }
    }

    /// Kills the latecomers, and the members that could not be verified at the last SIGKILL.
    pub(super) fn kill_latecomers(&mut self, has_latecomers: bool) {
        if self.is_caller_exiting {
            self.members.kill();
            return;
        }
        let scans_in_turn = self.scans_in_turn;
        self.kill_all();
        // Others are started in each scan, or a signal cannot be sent. Other terminations have their turns first.
        self.scans_in_turn = scans_in_turn;
        self.needs_scan &= scans_in_turn < MAX_SCANS && has_latecomers;
        if let Some(sweep) = &mut self.sweep {
            // The sweep begins in the next turn: other terminations and overdue calls come first.
            sweep.has_run_in_turn = true;
        }
    }

    /// Reports the calls that are past their deadline, even if latecomers keep the sweep busy.
    pub(super) fn report_overdue(&mut self) {
        let now = T::now();
        while let Some(index) =
            self.calls.iter().position(|call| !call.is_killing && call.escalation.is_past_deadline(now))
        {
            let Some(call) = self.calls.get_mut(index) else { break };
            if !call.begin_with_caller(&self.members) {
                self.finish(index);
            }
        }
        if self.calls.is_empty() {
            self.members.kill_deepest_first();
            self.sweep = None;
        }
    }

    pub(super) fn kill_all(&mut self) {
        let is_one_step = match self.members.scope() {
            _ if self.members.can_ask_guard() => true,
            Scope::Process => true,
            Scope::Group => T::GROUP_SIGNAL_IS_ATOMIC && self.members.excepted().is_empty(),
            Scope::Tree => false,
        };
        if !is_one_step {
            self.sweep = Some(Sweep::new(T::now()));
            return;
        }
        self.members.kill();
        self.schedule_scans();
    }

    /// Schedules scans for the processes that were started while signals were sent.
    pub(super) fn schedule_scans(&mut self) {
        self.scan_schedule.restart(T::now());
        self.is_scan_current = !self.members.can_have_others();
        self.is_scan_fresh = false;
        self.scans_in_turn = 0;
        self.needs_scan |= self.members.can_have_others();
        self.retry_unsent();
    }

    /// Schedules another try of what could not be sent, as without a free descriptor.
    pub(super) fn retry_unsent(&mut self) {
        if self.members.has_unsent() {
            self.scan_schedule.retry_unsent(T::now());
        }
    }

    /// Schedules one late scan. After a complete kill there are no latecomers, so it only has to find what
    /// does not exit.
    pub(super) fn schedule_last_scan(&mut self) {
        self.scan_schedule.restart_late(T::now());
        self.is_scan_current = false;
        self.scans_in_turn = 0;
    }
}
