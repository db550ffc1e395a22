//! The end of a call: its report.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::run::TerminationRun;
use crate::{scope::process_table::ProcessTable, types::Error};

impl<T: ProcessTable> TerminationRun<T> {
    /// Does a step, and sends the reports of the calls that it has ended. A panic ends all calls.
    pub(super) fn guarded(&mut self, step: impl FnOnce(&mut Self)) {
        let step = || {
            step(self);
            self.send_reports();
        };
        if catch_unwind(AssertUnwindSafe(step)).is_err() {
            self.needs_scan = false;
            self.sweep = None;
            self.calls.clear();
            self.reports.clear();
        }
    }

    /// Refuses the calls that have sent nothing, because a scan has found a protected process. The others
    /// leave that process out.
    pub(super) fn refuse(&mut self, refusal: &Error) {
        let refused = self.calls.extract_if(.., |call| call.is_new());
        self.reports.extend(refused.map(|call| call.refuse(refusal.clone())));
    }

    /// Ends a call. Its report is sent at the end of the step.
    pub(super) fn finish(&mut self, index: usize) {
        let report = self.calls.remove(index).report(&mut self.members);
        self.reports.push(report);
        if self.members.forget_those_for_report() {
            self.is_scan_current = false;
        }
    }

    /// Sends the reports. The last one comes when no member is open: the caller may need each descriptor at once.
    fn send_reports(&mut self) {
        if self.calls.is_empty() {
            self.members.close();
        }
        self.reports.reverse();
        while let Some(report) = self.reports.pop() {
            report.send();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, mpsc},
        time::Duration,
    };

    use super::*;
    use crate::{
        scope::recipients::Recipients,
        simulation::{Leads, Scenario, Simulated, SimulatedProcess, Simulation, carry_out, on_each_system},
        terminate::{
            escalation::{Plan, Step},
            request::{Callbacks, CheckedRequest, Request},
        },
        types::{Scope, Signal},
    };

    #[test]
    fn no_process_of_a_tree_is_open_at_the_last_report() {
        fn check<S: Simulation>() {
            for (leads, has_exception) in
                [(Leads::Nothing, false), (Leads::Session, false), (Leads::Group, true)]
            {
                let scenario = Scenario::<S>::new(leads);
                let (child, survivor) = (scenario.child_of(scenario.root), scenario.child_of(scenario.root));
                scenario.child_of(child);
                scenario.forbid_signals_to(survivor);
                let excepted = scenario.child_of(scenario.root);
                scenario.child_of(excepted);
                let target = scenario.open();
                let except = has_exception.then(|| Arc::new(SimulatedProcess::open(scenario.pid(excepted))));
                // The caller holds these.
                let held = SimulatedProcess::<S>::count_open();
                let (sender, open) = mpsc::channel();
                let request = |grace| {
                    let step = Step { signals: vec![Signal::TERM], grace: Some(grace), to: Recipients::All };
                    let plan = Plan { steps: vec![step], kill: false, timeout: Some(grace) };
                    let except = except.iter().cloned().collect();
                    let request = Request { except, ..Request::new(Scope::Tree, plan) };
                    let sender = sender.clone();
                    let on_report = move |_| sender.send(SimulatedProcess::<S>::count_open()).unwrap();
                    let request = CheckedRequest::<Simulated<S>>::new(&target, request).unwrap();
                    request.reporting_to(Callbacks::new(Box::new(on_report)))
                };
                let mut run = TerminationRun::new(request(Duration::from_secs(1)));
                run.join(request(Duration::from_secs(2)));
                carry_out(&mut run);
                let open: Vec<usize> = open.try_iter().collect();
                assert!(open.len() == 2 && open[0] > held && open[1] == held, "{open:?}, {held}");
            }
        }
        on_each_system!(check);
    }
}
