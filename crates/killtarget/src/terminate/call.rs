//! One call for a termination, with its own plan and report.

use std::time::Instant;

use super::{
    escalation::{Escalation, Plan},
    progress::{Event, Observer},
    report::{Outcome, Termination},
    request::{CheckedRequest, ReportSender},
};
use crate::{
    scope::{
        liveness::Liveness,
        members::Members,
        process_table::{Process, ProcessTable},
        survivor::{Reason, Survivor},
    },
    sys,
    types::Error,
};

/// One call, which escalates by its own plan.
pub(super) struct Call {
    pub(super) number: usize,
    pub(super) escalation: Escalation,
    plan: Plan,
    started: Instant,
    sender: ReportSender,
    observer: Observer,
    /// Whether a process in scope was found alive.
    pub(super) has_found_alive: bool,
    /// How many members had ended before the call.
    ended_before: usize,
    /// Whether a sweep is sending its SIGKILL.
    pub(super) is_killing: bool,
    phase: Phase,
}

/// The report of a call, which is to be sent.
#[must_use]
pub(super) struct Report {
    sender: ReportSender,
    result: Result<Termination, Error>,
}

impl Report {
    pub(super) fn send(mut self) {
        self.sender.send(self.result);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was sent for the call.
    New,
    Started,
    /// Only the calling process is left, and its turn has come.
    AtCaller,
}

impl Call {
    pub(super) fn new<T: ProcessTable>(request: CheckedRequest<T>, members: &Members<T>) -> Self {
        let CheckedRequest { plan, started, number, sender, on_progress, forced, was_alive, .. } = request;
        let mut escalation = Escalation::new(plan.clone());
        if forced {
            escalation.force();
        }
        Self {
            number,
            escalation,
            plan,
            started,
            sender,
            observer: Observer::new(on_progress, members.ended()),
            has_found_alive: was_alive,
            ended_before: members.ended(),
            is_killing: false,
            phase: Phase::New,
        }
    }

    /// Records that a signal will be sent. Returns whether it is the call's first.
    pub(super) fn begin(&mut self) -> bool {
        let is_first = self.phase == Phase::New;
        if is_first {
            self.phase = Phase::Started;
        }
        is_first
    }

    /// Returns whether nothing was sent for the call.
    pub(super) fn is_new(&self) -> bool {
        self.phase == Phase::New
    }

    /// Returns whether the calling process's turn has come.
    pub(super) fn is_at_caller(&self) -> bool {
        self.phase == Phase::AtCaller
    }

    /// Begins the plan again for the calling process, which comes last. Returns false if it is not in scope
    /// or its turn has come before.
    pub(super) fn begin_with_caller<T: ProcessTable>(&mut self, members: &Members<T>) -> bool {
        // Unless protected processes are allowed, a caller that joined the scope later is left out.
        if members.caller().is_none() || self.is_at_caller() || !members.allows_protected() {
            return false;
        }
        self.phase = Phase::AtCaller;
        self.escalation = Escalation::new(self.plan.clone());
        true
    }

    /// Tells the caller what was sent.
    pub(super) fn tell<T: ProcessTable>(&mut self, event: Event, members: &Members<T>) {
        self.observer.tell(event, members.left());
    }

    /// Tells the caller of the exits since the last time.
    pub(super) fn tell_exits<T: ProcessTable>(&mut self, members: &Members<T>) {
        self.observer.tell_exits(members.ended(), members.left());
    }

    pub(super) fn refuse(self, refusal: Error) -> Report {
        Report { sender: self.sender, result: Err(refusal) }
    }

    pub(super) fn report<T: ProcessTable>(mut self, members: &mut Members<T>) -> Report {
        let mut survivors = members.find_survivors();
        self.tell_exits(members);
        if let Some(caller) = members.caller().filter(|_| self.is_at_caller()) {
            survivors.push(Survivor { process: caller.info(), reason: Reason::Timeout });
        }
        let liveness = members.liveness();
        let has_done_nothing = members.ended() == 0 && !members.has_signalled() && members.caller().is_none();
        if liveness == Liveness::NotPermitted && has_done_nothing {
            return self.refuse(sys::not_permitted("kill"));
        }
        let outcome = match () {
            // It survived, even if no process can be named.
            () if !survivors.is_empty() || liveness != Liveness::None => Outcome::Survived,
            () if !self.has_found_alive && members.ended() == self.ended_before => Outcome::Gone,
            () if members.sent_sigkill() => Outcome::Killed,
            () => Outcome::Exited,
        };
        let termination = Termination {
            outcome,
            exit: members.root_exit_for_report(),
            ended: members.ended(),
            survivors,
            race_free: members.race_free(),
            proof: members.proof_by(liveness),
            elapsed: T::now().saturating_duration_since(self.started),
        };
        Report { sender: self.sender, result: Ok(termination) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        simulation::{
            Id, Leads, Linux, LinuxBefore69, MacOs, Scenario, Simulated, Simulation, carry_out, end,
        },
        terminate::{
            request::{Callbacks, Request},
            run::TerminationRun,
        },
        types::Scope,
    };
    use std::sync::mpsc::{self, Receiver};

    type Reports = Receiver<Result<Termination, Error>>;

    /// Makes a request without a step, and the channel on which its report arrives.
    fn request<S: Simulation>(
        scenario: &Scenario<S>,
        scope: Scope,
        kill: bool,
    ) -> (CheckedRequest<Simulated<S>>, Reports) {
        let (sender, reports) = mpsc::channel();
        let callbacks = Callbacks::new(Box::new(move |report| sender.send(report).unwrap()));
        let request = Request::new(scope, Plan { steps: Vec::new(), kill, timeout: None });
        let checked = CheckedRequest::new(&scenario.open(), request).unwrap();
        (checked.reporting_to(callbacks), reports)
    }

    /// A call whose root is a zombie at the last scan, which has found its child alive.
    struct Scanned<S: Simulation> {
        child: Id,
        members: Members<Simulated<S>>,
        call: Call,
        reports: Reports,
    }

    fn scanned<S: Simulation>(scenario: &Scenario<S>, scope: Scope) -> Scanned<S> {
        let child = scenario.child_of(scenario.root);
        let (request, reports) = request(scenario, scope, false);
        let mut members = scenario.find(scope);
        let call = Call::new(request, &members);
        scenario.exit(scenario.root);
        members.refresh();
        scenario.rescan(&mut members);
        Scanned { child, members, call, reports }
    }

    #[test]
    fn a_call_whose_members_all_exit_before_its_first_turn_says_exited() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let orphan = scenario.child_of(scenario.root);
            let target = scenario.open();
            scenario.exit(scenario.root);
            let plan = Plan { steps: Vec::new(), kill: true, timeout: None };
            let request = Request::new(Scope::Tree, plan);
            let (sender, reports) = mpsc::channel();
            let callbacks = Callbacks::new(Box::new(move |report| sender.send(report).unwrap()));
            let request =
                CheckedRequest::<Simulated<S>>::new(&target, request).unwrap().reporting_to(callbacks);
            scenario.end(orphan);
            carry_out(&mut TerminationRun::new(request));
            let report = reports.try_recv().unwrap().unwrap();
            assert_eq!((report.outcome, report.ended), (Outcome::Exited, 1));
        }
        // With a group handle the first scan is part of the first turn.
        check::<LinuxBefore69>();
        check::<MacOs>();
    }

    #[test]
    fn a_report_does_not_say_that_all_have_exited_if_the_last_member_has_left_another_since_the_last_scan() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let Scanned { child, mut members, call, reports } = scanned(&scenario, scope);
                // Each member starts the next one and exits, faster than a scan.
                let mut last = child;
                scenario.at_each_call(move |world| {
                    let next = world.fork(last).unwrap();
                    end(world, last);
                    last = next;
                });
                call.report(&mut members).send();
                let report = reports.try_recv().unwrap().unwrap();
                assert_eq!(report.outcome, Outcome::Survived, "{report:?}");
            }
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_report_names_what_a_member_has_left_that_was_seen_to_have_exited_after_the_last_scan() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let Scanned { child, mut members, call, reports } = scanned(&scenario, scope);
                let left = scenario.child_of(child);
                scenario.end(child);
                assert!(members.refresh());
                call.report(&mut members).send();
                let report = reports.try_recv().unwrap().unwrap();
                let survivors: Vec<_> =
                    report.survivors.iter().map(|survivor| survivor.process.pid).collect();
                assert_eq!((report.outcome, survivors), (Outcome::Survived, vec![scenario.pid(left)]));
            }
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn what_is_found_for_a_report_is_a_latecomer_of_the_next_scan() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let Scanned { child, mut members, call, reports: _reports } = scanned(&scenario, scope);
                let left = scenario.child_of(child);
                scenario.end(child);
                drop(call.report(&mut members));
                assert!(members.forget_those_for_report());
                assert_eq!(scenario.rescan(&mut members), [left]);
                assert!(!members.forget_those_for_report());
            }
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }
}
