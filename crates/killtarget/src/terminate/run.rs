//! The ladder, carried out on those who are in scope.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    call::Call,
    escalation::{Act, CatchUp},
    request::CheckedRequest,
    scan_schedule::ScanSchedule,
};
use crate::{
    scope::{
        kernel::Kernel,
        liveness::Liveness,
        members::Members,
        process_table::{Process, ProcessTable},
        recipients::Recipients,
        sweep::Sweep,
    },
    sys::StartTime,
    types::{Error, Exit, Signal},
};

/// How often one look follows the other where somebody always has come and gone meanwhile. After that it is waited.
const MAX_SCANS: usize = 2;

/// How long at most between two looks at processes that can't be waited for.
pub(super) const MAX_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What comes next.
pub(crate) enum Turn {
    /// Nothing before somebody ends, or it is that time.
    Wait(Option<Instant>),
    /// All was reported.
    Done,
}

/// Everything in one scope that is being ended, for one call or for several.
pub(crate) struct TerminationRun<T: ProcessTable = Kernel> {
    pub(crate) members: Members<T>,
    pub(super) calls: Vec<Call>,
    pub(super) scan_schedule: ScanSchedule,
    /// Whether it can't go on without a look.
    pub(super) wants_scan: bool,
    /// Whether nobody has ended since the last look, so that what that showed still holds.
    pub(super) is_scan_current: bool,
    pub(super) scans_in_turn: usize,
    /// What was sent to all.
    pub(super) sent: Vec<Signal>,
    /// The time of a round that went to all of the group in one step, until the look that follows it.
    pub(super) group_signal_time: Option<StartTime>,
    /// SIGKILL to a tree, for as long as it is being sent.
    pub(super) sweep: Option<Sweep>,
    /// Whether this process is about to end: what takes time is not begun any more.
    pub(super) is_caller_exiting: bool,
}

impl<T: ProcessTable> TerminationRun<T> {
    pub(crate) fn new(mut request: CheckedRequest<T>) -> Self {
        let members = request.members.take();
        let was_scanned = members.is_some();
        let mut members =
            members.unwrap_or_else(|| Members::new(&request.target, request.scope, request.allow_self));
        if request.was_alive {
            members.count_exited_root();
        }
        let can_have_others = members.can_have_others();
        let mut run = Self {
            members,
            calls: Vec::new(),
            scan_schedule: ScanSchedule::new(can_have_others),
            wants_scan: can_have_others && !was_scanned,
            is_scan_current: !can_have_others,
            scans_in_turn: 0,
            sent: Vec::new(),
            group_signal_time: None,
            sweep: None,
            is_caller_exiting: false,
        };
        run.join(request);
        run
    }

    /// Whether it is at what is ordered: the same scope of the same process.
    pub(crate) fn matches(&self, request: &CheckedRequest<T>) -> bool {
        let root = self.members.root();
        // Two that are there at the same time under one number are one.
        let is_same =
            || root.pid() == request.target.pid() && root.is_unreaped() && request.target.is_unreaped();
        let (scope, allow_self) = (self.members.scope(), self.members.allows_protected());
        (scope, allow_self) == (request.scope, request.allow_self)
            && (Arc::ptr_eq(root, &request.target) || is_same())
    }

    /// Goes up one more ladder.
    pub(crate) fn join(&mut self, request: CheckedRequest<T>) {
        let call = Call::new(request);
        match self.members.refusal() {
            Some(refusal) => call.refuse(refusal),
            None => self.calls.push(call),
        }
    }

    /// Skips what is left of the graces, of one call or of all.
    pub(crate) fn force(&mut self, number: Option<usize>) {
        self.is_caller_exiting |= number.is_none();
        let is_selected = |call: &&mut Call| number.is_none_or(|number| call.number == number);
        self.calls.iter_mut().filter(is_selected).for_each(|call| call.escalation.force());
    }

    /// Takes note of how the root has ended.
    pub(crate) fn record_root_exit(&mut self, exit: Exit) {
        self.members.record_root_exit(exit);
    }

    /// What comes after a turn.
    pub(crate) fn next(&self) -> Turn {
        if self.calls.is_empty() {
            return Turn::Done;
        }
        if let Some(sweep) = &self.sweep {
            return Turn::Wait(Some(sweep.due));
        }
        let calls = self.calls.iter().map(|call| call.escalation.due());
        Turn::Wait(calls.chain([self.scan_schedule.next]).flatten().min())
    }

    /// Whether SIGKILL is just being sent.
    pub(crate) fn has_sweep(&self) -> bool {
        self.sweep.is_some()
    }

    pub(super) fn guarded(&mut self, step: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| step(self))).is_err() {
            self.wants_scan = false;
            self.sweep = None;
            self.calls.clear();
        }
    }

    /// Does all that can be done without a look.
    pub(super) fn advance(&mut self) {
        if self.scan_schedule.is_due(T::now()) && self.sweep.is_none() {
            self.wants_scan = true;
        }
        // What one call does may be what another one has waited for.
        while !self.wants_scan && self.sweep.is_none() && self.advance_calls() {}
        if self.sweep.is_some() {
            self.report_overdue();
        }
        if let Some(sweep) = &self.sweep {
            // By one look in each turn, so that others have theirs.
            self.wants_scan = sweep.due <= T::now() && !sweep.has_run_in_turn;
        }
    }

    /// Has each call do what is to be done now. False: none had anything to do.
    fn advance_calls(&mut self) -> bool {
        let mut has_acted = false;
        let mut index = 0;
        while index < self.calls.len() {
            let Some(liveness) = self.liveness(index) else {
                self.wants_scan = true;
                return false;
            };
            let Some(call) = self.calls.get_mut(index) else { break };
            call.has_found_alive |= liveness != Liveness::None;
            let act = call.escalation.turn(T::now(), liveness);
            has_acted |= act != Act::Wait;
            match act {
                Act::Signal(signals, to) => self.signal(index, signals, to),
                Act::Kill => {
                    self.kill(index);
                    // By now, or in a moment.
                    if self.sweep.is_some() {
                        return true;
                    }
                }
                Act::Wait => index += 1,
                Act::Finish if call.begin_with_caller(&self.members) => {}
                Act::Finish => self.calls.remove(index).report(&mut self.members),
            }
        }
        has_acted
    }

    /// Who lives, as far as this call is still concerned. `None`: a look has to tell whether anybody does.
    fn liveness(&mut self, index: usize) -> Option<Liveness> {
        if self.calls.get(index).is_some_and(Call::is_at_caller) {
            return Some(Liveness::Alive);
        }
        if self.members.refresh() {
            self.is_scan_current = !self.members.can_have_others();
            if !self.members.all_sent_sigkill() {
                self.scan_schedule.expedite(T::now());
            }
        }
        let liveness = self.members.liveness();
        let is_known =
            !self.members.living().is_empty() || self.is_scan_current && !self.members.needs_rescan();
        if is_known {
            return Some(liveness);
        }
        if self.scans_in_turn < MAX_SCANS {
            return None;
        }
        self.scan_schedule.retry(T::now());
        // They come and go faster than one can look. Whether any do is known to the kernel.
        Some(self.members.kernel_liveness())
    }

    /// Takes in who has come. Who was not there before is owed what the others have been sent.
    pub(super) fn scan(&mut self, process_list: &T::List) {
        self.wants_scan = false;
        self.scans_in_turn += 1;
        if let Some(sweep) = self.sweep.take() {
            self.advance_sweep(sweep, process_list);
            return;
        }
        self.is_scan_current = true;
        let first_latecomer = self.members.scan(process_list);
        if let Some(refusal) = self.members.refusal() {
            self.refuse(&refusal);
        }
        let group_signal_time = self.group_signal_time.take();
        let has_latecomers = first_latecomer < self.members.living().len();
        if !has_latecomers && !self.members.has_unsent() {
            return;
        }
        let catch_up: Vec<_> = self.calls.iter().map(|call| call.escalation.catch_up()).collect();
        if catch_up.contains(&CatchUp::Kill) {
            self.kill_latecomers();
            return;
        }
        let mut signals: Vec<Signal> = Vec::new();
        for catch_up in catch_up {
            if let CatchUp::Signals(more) = catch_up {
                let new: Vec<_> = more.iter().copied().filter(|signal| !signals.contains(signal)).collect();
                signals.extend(new);
            }
        }
        for latecomer in self.members.living_mut().iter_mut().skip(first_latecomer) {
            // Who came before the round and was not seen then has it from the group.
            if group_signal_time.is_none_or(|at| !latecomer.target.started_before(at)) {
                latecomer.send_all(&signals);
            }
        }
    }

    fn signal(&mut self, index: usize, mut signals: Vec<Signal>, to: Recipients) {
        if let Some(caller) = self.caller_at(index) {
            for signal in signals {
                // It is this process that is signalled, which may be so.
                let _ = caller.signal(signal);
            }
            return;
        }
        if self.calls.get_mut(index).is_some_and(Call::begin) {
            // A call that joins begins with what is new.
            signals.retain(|signal| !self.sent.contains(signal));
        }
        let at = T::start_time_now();
        let via_group = self.members.signal(&signals, to);
        if to == Recipients::All {
            self.group_signal_time = at.filter(|_| via_group && T::GROUP_SIGNAL_IS_ATOMIC);
            self.sent.extend(signals);
        }
        self.schedule_scans();
    }
    /// A tree may turn out to hold who is protected only when it is looked through. Calls that have sent nothing yet are
    /// refused then; the others go on without him.
    fn refuse(&mut self, refusal: &Error) {
        self.calls.extract_if(.., |call| call.is_new()).for_each(|call| call.refuse(refusal.clone()));
    }

    /// The calling process, where this call has come to that.
    pub(super) fn caller_at(&self, index: usize) -> Option<&Arc<T::Process>> {
        self.members.caller().filter(|_| self.calls.get(index).is_some_and(Call::is_at_caller))
    }
}
