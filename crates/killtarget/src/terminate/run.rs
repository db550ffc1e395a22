//! A termination in progress: the escalation of its calls, applied to the members.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    call::{Call, Report},
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
        search::Search,
        sweep::Sweep,
    },
    types::{Exit, Scope, Signal},
};

/// The limit of scans in a row, if processes come and exit during each.
pub(super) const MAX_SCANS: usize = 2;

/// The longest interval between polls of processes that send no exit event.
pub(super) const MAX_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What a turn has led to.
pub(crate) enum Turn {
    /// Nothing is due before an exit, or before that time.
    Wait(Option<Instant>),
    /// Every call has its report.
    Done,
}

/// The termination of one scope, for one call or several.
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(crate) struct TerminationRun<T: ProcessTable = Kernel> {
    pub(crate) members: Members<T>,
    pub(super) calls: Vec<Call>,
    /// The reports that are to be sent.
    pub(super) reports: Vec<Report>,
    pub(super) scan_schedule: ScanSchedule,
    /// Whether it cannot advance without a scan.
    pub(super) needs_scan: bool,
    /// Whether no member has exited since the last scan, so that its result still holds.
    pub(super) is_scan_current: bool,
    pub(super) scans_in_turn: usize,
    /// Whether a scan was made in this turn, or right before the first one.
    pub(super) is_scan_fresh: bool,
    /// Whether the members were found right before the first turn.
    pub(super) was_scanned: bool,
    /// The search for the whole tree, while signals wait for it.
    pub(super) search: Option<Search>,
    /// The signals that were sent to all.
    pub(super) sent: Vec<Signal>,
    /// SIGKILL to a tree, while it is being sent.
    pub(super) sweep: Option<Sweep>,
    /// Whether the calling process is exiting, so that nothing slow may begin.
    pub(super) is_caller_exiting: bool,
}

impl<T: ProcessTable> TerminationRun<T> {
    pub(crate) fn new(mut request: CheckedRequest<T>) -> Self {
        let was_scanned = request.members.is_some();
        let mut members = request.take_members();
        if request.was_alive {
            members.count_exited_root();
        }
        let can_have_others = members.can_have_others();
        let mut run = Self {
            members,
            calls: Vec::new(),
            reports: Vec::new(),
            scan_schedule: ScanSchedule::new(can_have_others),
            needs_scan: can_have_others && !was_scanned,
            is_scan_current: !can_have_others,
            scans_in_turn: 0,
            is_scan_fresh: false,
            was_scanned,
            search: None,
            sent: Vec::new(),
            sweep: None,
            is_caller_exiting: false,
        };
        run.join(request);
        run
    }

    /// Returns whether a request is for the same scope of the same process.
    pub(crate) fn matches(&self, request: &CheckedRequest<T>) -> bool {
        let root = self.members.root();
        // Two unreaped processes with one pid are the same process.
        let is_same =
            || root.pid() == request.target.pid() && root.is_unreaped() && request.target.is_unreaped();
        let (scope, allow_self) = (self.members.scope(), self.members.allows_protected());
        (scope, allow_self) == (request.scope, request.allow_self)
            && self.members.excepted().is_same(&request.except)
            && (Arc::ptr_eq(root, &request.target) || is_same())
    }

    /// Adds a call.
    pub(crate) fn join(&mut self, request: CheckedRequest<T>) {
        let call = Call::new(request, &self.members);
        match self.members.refusal() {
            Some(refusal) => call.refuse(refusal).send(),
            None => self.calls.push(call),
        }
    }

    /// Skips the rest of the grace periods, of one call or of all.
    pub(crate) fn force(&mut self, number: Option<usize>) {
        self.is_caller_exiting |= number.is_none();
        let is_selected = |call: &&mut Call| number.is_none_or(|number| call.number == number);
        self.calls.iter_mut().filter(is_selected).for_each(|call| call.escalation.force());
    }

    /// Records how the root exited.
    pub(crate) fn record_root_exit(&mut self, exit: Exit) {
        self.members.record_root_exit(exit);
    }

    /// Returns what the last turn has led to.
    pub(crate) fn next(&self) -> Turn {
        if self.calls.is_empty() {
            return Turn::Done;
        }
        if let Some(sweep) = &self.sweep {
            return Turn::Wait(Some(sweep.due));
        }
        let calls = self.calls.iter().map(|call| call.escalation.due());
        let search = self.search.as_ref().map(|search| search.due);
        Turn::Wait(calls.chain([self.scan_schedule.next, search]).flatten().min())
    }

    /// Returns whether a scan is to prove something of this moment: that no member has forked, or that no process was started.
    pub(super) fn needs_own_list(&self) -> bool {
        self.has_sweep() || self.members.scope() == Scope::Tree && T::last_pid().is_some()
    }

    /// Returns whether a sweep is sending SIGKILL.
    pub(crate) fn has_sweep(&self) -> bool {
        self.sweep.is_some()
    }

    /// Does everything that needs no scan.
    pub(super) fn advance(&mut self) {
        if (self.scan_schedule.is_due(T::now()) || self.is_search_due()) && self.sweep.is_none() {
            self.needs_scan = true;
        }
        // One call's act may be what another call waits for.
        while !self.needs_scan && self.sweep.is_none() && self.advance_calls() {}
        if self.sweep.is_some() {
            self.report_overdue();
        }
        self.calls.iter_mut().for_each(|call| call.tell_exits(&self.members));
        if let Some(sweep) = &self.sweep {
            // One scan in each turn, so that other terminations have their turns.
            self.needs_scan = sweep.due <= T::now() && !sweep.has_run_in_turn;
        }
    }

    /// Does what is due for each call. Returns false if nothing was.
    fn advance_calls(&mut self) -> bool {
        let mut has_acted = false;
        let mut is_searching = false;
        let mut index = 0;
        while index < self.calls.len() {
            let Some(liveness) = self.liveness(index) else {
                self.needs_scan = true;
                return false;
            };
            // A tree of which no process is known only may have one.
            let asks_kernel = self.members.scope() != Scope::Tree && self.members.excepted().is_empty();
            let is_unproved = liveness == Liveness::Unverified || !self.is_scan_current;
            let is_guess = self.members.may_have_only_zombies()
                || is_unproved && self.members.living().is_empty() && !asks_kernel;
            let Some(call) = self.calls.get_mut(index) else { break };
            call.has_found_alive |= liveness != Liveness::None && !is_guess;
            let now = T::now();
            let will_send = call.escalation.will_send(now, liveness).filter(|_| !call.is_at_caller());
            let mut may_be_alive = false;
            if let Some(is_sigkill) = will_send {
                if !self.may_send(is_sigkill) {
                    if self.needs_scan {
                        return false;
                    }
                    is_searching = true;
                    index += 1;
                    continue;
                }
                // Otherwise the search was in vain.
                may_be_alive = self.members.may_have_only_zombies();
            }
            let Some(call) = self.calls.get_mut(index) else { break };
            call.has_found_alive |= may_be_alive;
            let act = call.escalation.turn(now, liveness);
            has_acted |= act != Act::Wait;
            match act {
                Act::Signal(signals, to) => self.signal(index, signals, to),
                Act::Kill => {
                    self.kill(index);
                    // The sweep sends it, step by step.
                    if self.sweep.is_some() {
                        return true;
                    }
                }
                Act::Wait => index += 1,
                Act::Finish if call.begin_with_caller(&self.members) => {}
                Act::Finish => self.finish(index),
            }
        }
        if !is_searching {
            self.search = None;
        }
        has_acted
    }

    /// Returns the liveness of what this call is still about, or `None` if that needs a scan.
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
        // Without a scan a latecomer would go unnamed.
        if self.members.waits_for_members() || self.is_scan_current && !self.members.needs_rescan() {
            return Some(liveness);
        }
        if self.scans_in_turn < MAX_SCANS {
            return None;
        }
        self.scan_schedule.retry(T::now());
        // Processes come and exit faster than a scan. The kernel knows whether a group has any. A tree is scanned again
        // in the next turn.
        Some(match self.members.kernel_liveness() {
            Liveness::None if !self.is_scan_current && self.members.scope() == Scope::Tree => Liveness::Alive,
            liveness => liveness,
        })
    }

    /// Adds latecomers, and sends them what they must get of what was sent to all.
    pub(super) fn scan(&mut self, process_list: &T::List) {
        self.needs_scan = false;
        self.scans_in_turn += 1;
        if let Some(sweep) = self.sweep.take() {
            self.advance_sweep(sweep, process_list);
            return;
        }
        (self.is_scan_current, self.is_scan_fresh) = (true, true);
        let now = T::now();
        let first_latecomer = match &self.search {
            Some(search) => self.members.scan_until(process_list, search.scan_deadline(now)),
            None => self.members.scan(process_list),
        };
        if let Some(refusal) = self.members.refusal() {
            self.refuse(&refusal);
        }
        let has_latecomers = first_latecomer < self.members.living().len() || self.members.is_unanswered(now);
        if !has_latecomers && !self.members.has_unsent() {
            return;
        }
        let catch_up: Vec<_> = self.calls.iter().map(|call| call.escalation.catch_up()).collect();
        if catch_up.contains(&CatchUp::Kill) {
            self.kill_latecomers(has_latecomers);
            return;
        }
        let mut signals: Vec<Signal> = Vec::new();
        for catch_up in catch_up {
            let CatchUp::Signals(more) = catch_up else { continue };
            let new: Vec<_> = more.iter().copied().filter(|signal| !signals.contains(signal)).collect();
            signals.extend(new);
        }
        self.members.send_to_latecomers(first_latecomer, &signals, true);
    }

    /// Returns the calling process, if its turn in this call has come.
    pub(super) fn caller_at(&self, index: usize) -> Option<&Arc<T::Process>> {
        self.members.caller().filter(|_| self.calls.get(index).is_some_and(Call::is_at_caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scope::recipients::Recipients,
        scope::survivor::{Reason, Survivor},
        simulation::{
            Leads, Linux, LinuxBefore69, Scenario, Simulation, World, end, on_each_system, on_each_unix,
            terminate,
        },
        terminate::{
            escalation::{Plan, Step},
            report::Outcome,
            request::Request,
        },
        types::Scope,
    };

    #[test]
    fn a_latecomer_is_found_although_the_only_known_member_may_not_be_signalled() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let (root, untouchable) = (scenario.root, scenario.child_of(scenario.root));
            scenario.forbid_signals_to(untouchable);
            let mut has_forked = false;
            scenario.at_each_call(move |world| {
                if !has_forked && !world.get(root).is_alive() {
                    let latecomer = world.fork(untouchable).unwrap();
                    world.get_mut(latecomer).is_not_permitted = false;
                    has_forked = true;
                }
            });
            let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(Duration::from_secs(2)) };
            let request = Request::new(Scope::Tree, plan);
            let report = terminate(&scenario.open(), request).unwrap().unwrap();
            assert_eq!(report.outcome, Outcome::Survived);
            let survivors: Vec<_> =
                report.survivors.iter().map(|survivor| (survivor.process.pid, survivor.reason)).collect();
            assert_eq!(survivors, [(scenario.pid(untouchable), Reason::NotPermitted)]);
            let latecomer = untouchable + 1;
            assert!(!scenario.is_alive(latecomer));
        }
        on_each_system!(check);
    }

    #[test]
    fn a_member_that_may_not_be_signalled_any_more_is_not_waited_for_after_sigkill() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let (root, child) = (scenario.root, scenario.child_of(scenario.root));
                scenario.ignore_term(root);
                scenario.ignore_term(child);
                let target = scenario.open();
                // It changes its user.
                scenario.at_each_call(move |world| {
                    world.get_mut(child).is_not_permitted |= world.was_sent(child, Signal::TERM);
                });
                let step = Step {
                    signals: vec![Signal::TERM],
                    grace: Some(Duration::from_millis(50)),
                    to: Recipients::All,
                };
                let plan = Plan { steps: vec![step], kill: true, timeout: Some(Duration::from_secs(5)) };
                let report = terminate(&target, Request::new(scope, plan)).unwrap().unwrap();
                let survivors: Vec<_> =
                    report.survivors.iter().map(|survivor| (survivor.process.pid, survivor.reason)).collect();
                assert_eq!(survivors, [(scenario.pid(child), Reason::NotPermitted)]);
                assert!(report.elapsed < Duration::from_secs(4), "{:?}", report.elapsed);
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_signal_that_cannot_be_sent_is_sent_later_in_each_scope() {
        fn check<S: Simulation>() {
            for (scope, failures) in [Scope::Process, Scope::Group, Scope::Tree]
                .into_iter()
                .flat_map(|scope| [(scope, 1), (scope, 9)])
            {
                if scope == Scope::Group && !S::SYSTEM.has_groups() {
                    continue;
                }
                let scenario = Scenario::<S>::new(Leads::Group);
                scenario.ignore_term(scenario.root);
                // The group signal does not reach it, so it needs its own.
                let outside = scenario.child_of(scenario.root);
                if S::SYSTEM.has_groups() {
                    scenario.join_group(outside, outside);
                }
                scenario.fail_sends(failures);
                let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(Duration::from_secs(2)) };
                let request = Request::new(scope, plan);
                let report = terminate(&scenario.open(), request).unwrap().unwrap();
                assert_eq!(report.outcome, Outcome::Killed, "{scope:?}, {failures} failures");
                assert!(!scenario.is_alive(scenario.root));
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_signal_that_can_never_be_sent_keeps_no_turn_from_its_end() {
        fn check<S: Simulation>() {
            for scope in [Scope::Process, Scope::Group, Scope::Tree] {
                if scope == Scope::Group && !S::SYSTEM.has_groups() {
                    continue;
                }
                let scenario = Scenario::<S>::new(Leads::Group);
                // The signal to the group does not end it either.
                scenario.make_uninterruptible(scenario.root);
                let target = scenario.open();
                scenario.fail_sends(usize::MAX);
                let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(Duration::from_secs(2)) };
                let request = Request::new(scope, plan);
                let report = terminate(&target, request).unwrap().unwrap();
                assert_eq!(report.outcome, Outcome::Survived, "{scope:?}");
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_member_that_may_not_be_signalled_and_keeps_forking_lets_each_turn_end() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let source = scenario.child_of(scenario.root);
                scenario.forbid_signals_to(source);
                let target = scenario.open();
                scenario.at_each_call(move |world| {
                    if let Some(child) = world.fork(source) {
                        world.get_mut(child).is_not_permitted = false;
                    }
                });
                let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(Duration::from_millis(100)) };
                let request = Request::new(scope, plan);
                let report = terminate(&target, request).unwrap().unwrap();
                assert_eq!(report.outcome, Outcome::Survived);
                let is_source = |survivor: &Survivor| survivor.process.pid == scenario.pid(source);
                assert!(report.survivors.iter().any(is_source));
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_group_of_zombies_is_gone_although_other_processes_exit_in_each_scan() {
        fn check<S: Simulation>() {
            for is_polite in [true, false] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let (child, stranger) = (scenario.child_of(scenario.root), scenario.stranger());
                let target = scenario.open();
                scenario.exit(child);
                scenario.end_root(false);
                let (mut calls, mut other) = (0, stranger);
                scenario.at_each_call(move |world| {
                    calls += 1;
                    if calls < 200 && calls % 3 == 0 {
                        end(world, other);
                        other = world.fork(1).unwrap();
                    }
                });
                let grace = Some(Duration::from_secs(5));
                let step = Step { signals: vec![Signal::TERM], grace, to: Recipients::All };
                let steps = if is_polite { vec![step] } else { Vec::new() };
                let plan = Plan { steps, kill: true, timeout: Some(Duration::from_secs(2)) };
                let request = Request::new(Scope::Group, plan);
                let report = terminate(&target, request).unwrap().unwrap();
                assert_eq!((report.outcome, report.ended), (Outcome::Gone, 0));
                assert!(report.elapsed < Duration::from_secs(1), "{:?}", report.elapsed);
            }
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_member_that_was_stopped_and_not_killed_is_continued_before_the_report() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            let target = scenario.open();
            World::with(|world| world.failing_kill = Some(child));
            let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(Duration::ZERO) };
            let report = terminate(&target, Request::new(Scope::Tree, plan)).unwrap().unwrap();
            assert_eq!(report.outcome, Outcome::Survived);
            scenario.wait(Duration::from_secs(1));
            assert!(scenario.is_alive(child) && !scenario.is_stopped(child));
            assert_eq!(scenario.sent_to(Signal::CONT), [child]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_polite_signal_that_could_not_be_sent_is_sent_again() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            let target = scenario.open();
            scenario.fail_sends(2);
            let signals = vec![Signal::TERM];
            let step = Step { signals, grace: Some(Duration::from_secs(5)), to: Recipients::All };
            let plan = Plan { steps: vec![step], kill: true, timeout: Some(Duration::from_secs(5)) };
            let report = terminate(&target, Request::new(Scope::Tree, plan)).unwrap().unwrap();
            assert_eq!((report.outcome, report.ended), (Outcome::Exited, 2));
            assert_eq!(scenario.sent_to(Signal::TERM), [scenario.root, child]);
        }
        on_each_unix!(check);
    }
}
