//! What is told of a termination while it runs.

use crate::types::Signal;

/// One step of a termination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What has happened.
    pub event: Event,
    /// How many processes are known to be alive in scope.
    pub left: usize,
}

/// What has happened in a termination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A polite signal was sent.
    Signal(Signal),
    /// SIGKILL was sent to every process in scope.
    Kill,
    /// One process or more have exited.
    Exit,
}

/// The callback for each step. It runs on another thread, or on the calling thread if the call blocks. It must not
/// block.
pub type OnProgress = Box<dyn FnMut(Progress) + Send>;

/// Tells the caller of a call what happens.
pub(super) struct Observer {
    on_progress: Option<OnProgress>,
    /// How many exits were told, or had been before the call.
    ended: usize,
}

impl Observer {
    pub(super) fn new(on_progress: Option<OnProgress>, ended: usize) -> Self {
        Self { on_progress, ended }
    }

    pub(super) fn tell(&mut self, event: Event, left: usize) {
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(Progress { event, left });
        }
    }

    /// Tells of exits, if there were any since the last time. `ended` is how many there were in all.
    pub(super) fn tell_exits(&mut self, ended: usize, left: usize) {
        if ended > self.ended {
            self.ended = ended;
            self.tell(Event::Exit, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            escalation::{Plan, Step},
            request::{Callbacks, CheckedRequest, Request},
            run::TerminationRun,
        },
        *,
    };
    use crate::{
        scope::recipients::Recipients,
        simulation::{Leads, Scenario, Simulated, Simulation, carry_out, on_each_unix},
        types::Scope,
    };
    use std::{sync::mpsc, time::Duration};

    #[test]
    fn each_step_is_told_with_the_number_of_processes_that_are_left() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.child_of(scenario.root);
            scenario.ignore_term(scenario.root);
            let grace = Some(Duration::from_secs(1));
            let step = Step { signals: vec![Signal::TERM], grace, to: Recipients::All };
            let plan = Plan { steps: vec![step], kill: true, timeout: None };
            let request = Request::new(Scope::Tree, plan);
            let (sender, told) = mpsc::channel();
            let callbacks = Callbacks {
                on_termination: Box::new(|report| drop(report.unwrap())),
                on_progress: Some(Box::new(move |progress| sender.send(progress).unwrap())),
            };
            let request = CheckedRequest::<Simulated<S>>::new(&scenario.open(), request).unwrap();
            carry_out(&mut TerminationRun::new(request.reporting_to(callbacks)));
            let step = |event, left| Progress { event, left };
            let steps: Vec<_> = told.try_iter().collect();
            let expected = [
                step(Event::Signal(Signal::TERM), 2),
                step(Event::Exit, 1),
                step(Event::Kill, 1),
                step(Event::Exit, 0),
            ];
            assert_eq!(steps, expected, "{:?}", S::SYSTEM);
        }
        on_each_unix!(check);
    }
}
