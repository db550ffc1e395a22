//! Signals to the scope, once a scan has shown the children of every member.

use std::mem;

use super::{call::Call, progress::Event, run::TerminationRun};
use crate::{
    scope::{
        process_table::{Process, ProcessTable},
        recipients::Recipients,
        search::Search,
    },
    types::{Scope, Signal},
};

impl<T: ProcessTable> TerminationRun<T> {
    pub(super) fn begin_turn(&mut self) {
        self.scans_in_turn = 0;
        self.is_scan_fresh = mem::take(&mut self.was_scanned);
        if let Some(sweep) = &mut self.sweep {
            sweep.has_run_in_turn = false;
        }
    }

    /// Returns whether the next scan of the search is due.
    pub(super) fn is_search_due(&self) -> bool {
        !self.is_scan_fresh && self.search.as_ref().is_some_and(|search| search.due <= T::now())
    }

    /// Returns whether signals may be sent now. Otherwise a scan is needed at once, or the search goes on in a later
    /// turn. Other terminations have their turns between two scans.
    ///
    /// SIGKILL does not wait for the children of every member: the sweep has its own search.
    pub(super) fn may_send(&mut self, is_sigkill: bool) -> bool {
        let needs_children = self.members.scope() == Scope::Tree && !is_sigkill;
        if self.is_caller_exiting || !needs_children && !self.members.may_have_only_zombies() {
            return true;
        }
        if !self.is_scan_fresh {
            self.needs_scan = true;
            return false;
        }
        if !(needs_children && self.members.may_miss_children() || self.members.may_have_only_zombies()) {
            return true;
        }
        let now = T::now();
        !self.search.get_or_insert_with(|| Search::new(now)).schedule(now)
    }

    pub(super) fn signal(&mut self, index: usize, mut signals: Vec<Signal>, to: Recipients) {
        if let Some(caller) = self.caller_at(index) {
            for signal in signals {
                // The request allows a signal to the calling process.
                let _ = caller.signal(signal);
            }
            return;
        }
        if self.calls.get_mut(index).is_some_and(Call::begin) {
            // A call that joins does not repeat what was sent to all.
            signals.retain(|signal| !self.sent.contains(signal));
        }
        if to == Recipients::All && !signals.is_empty() {
            let call = self.calls.get(index);
            let until = call.and_then(|call| call.escalation.asked_until(T::now(), &signals));
            self.members.begin_asking(until);
        }
        self.members.signal(&signals, to);
        if let Some(call) = self.calls.get_mut(index) {
            for signal in &signals {
                call.tell(Event::Signal(*signal), &self.members);
            }
        }
        if to == Recipients::All {
            self.sent.extend(signals);
        }
        self.schedule_scans();
    }
}
