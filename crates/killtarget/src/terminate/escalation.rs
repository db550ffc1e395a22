//! When to send which signal: polite signals with a grace period each, then SIGKILL, then a last wait.
//!
//! Pure: it is given the time and the liveness, and returns the next act. It sends nothing and does not wait.

use std::time::{Duration, Instant};

use crate::{
    scope::{liveness::Liveness, recipients::Recipients},
    types::Signal,
};

/// The grace period that others are told of, if there is no limit.
const MAX_ASKED: Duration = Duration::from_mins(100);

/// How much longer others leave the processes alone.
const ASKED_MARGIN: Duration = Duration::from_secs(1);

/// The stages of an escalation, from the first signal to the last wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The polite signals.
    pub steps: Vec<Step>,
    /// Whether SIGKILL follows.
    pub kill: bool,
    /// How long to wait after SIGKILL, or after the last step if there is no SIGKILL. `None` is no limit.
    pub timeout: Option<Duration>,
}

/// Polite signals, and their grace period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The signals, in the order in which they are sent.
    pub signals: Vec<Signal>,
    /// How long to wait after the signals. `None` is no limit.
    pub grace: Option<Duration>,
    /// The recipients of the signals.
    pub to: Recipients,
}

/// The next act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Send these signals.
    Signal(Vec<Signal>, Recipients),
    /// Send SIGKILL to every living process in scope.
    Kill,
    /// Wait for an exit, or until the escalation is due.
    Wait,
    /// Report.
    Finish,
}

/// What latecomers must be sent, because the other members have got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CatchUp<'a> {
    None,
    Signals(&'a [Signal]),
    Kill,
}

/// A plan in progress.
#[derive(Debug)]
pub(crate) struct Escalation {
    plan: Plan,
    stage: Stage,
    forced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The signals of this step are due.
    Step(usize),
    /// The signals were sent. The grace period ends at that time.
    Grace(usize, Option<Instant>),
    /// SIGKILL is due.
    Kill,
    /// The last signal was sent. The last wait ends at that time.
    Last(Option<Instant>),
}

impl Escalation {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan, stage: Stage::Step(0), forced: false }
    }

    /// Skips the rest of all grace periods. The first step's signals are sent all the same.
    pub(crate) fn force(&mut self) {
        self.forced = true;
    }

    /// Returns the next act. It must be called again until that is to wait or to finish, and then after each
    /// change.
    pub(crate) fn turn(&mut self, now: Instant, liveness: Liveness) -> Act {
        let (act, stage) = self.peek(now, liveness);
        self.stage = stage;
        act
    }

    /// Returns the next act, and the stage after it.
    fn peek(&self, now: Instant, liveness: Liveness) -> (Act, Stage) {
        let mut stage = self.stage;
        if liveness == Liveness::None {
            return (Act::Finish, stage);
        }
        loop {
            match stage {
                Stage::Step(number) => match self.plan.steps.get(number) {
                    Some(step) => {
                        let act = Act::Signal(step.signals.clone(), step.to);
                        return (act, Stage::Grace(number, after(now, step.grace)));
                    }
                    None => stage = self.after_last_step(now),
                },
                Stage::Grace(number, due) => {
                    // A process that may not be signalled does not extend the grace period.
                    let skips_grace = self.plan.kill && (self.forced || liveness != Liveness::Alive);
                    if skips_grace {
                        stage = Stage::Kill;
                    } else if is_past_deadline(due, now) {
                        stage = Stage::Step(number + 1);
                    } else {
                        return (Act::Wait, stage);
                    }
                }
                Stage::Kill => {
                    return (Act::Kill, Stage::Last(after(now, self.plan.timeout)));
                }
                Stage::Last(due) => {
                    let needs_wait = liveness != Liveness::NotPermitted && !is_past_deadline(due, now);
                    return (if needs_wait { Act::Wait } else { Act::Finish }, stage);
                }
            }
        }
    }

    /// Returns whether the next act is to signal, and whether that is SIGKILL.
    pub(crate) fn will_send(&self, now: Instant, liveness: Liveness) -> Option<bool> {
        match self.peek(now, liveness).0 {
            Act::Signal(..) => Some(false),
            Act::Kill => Some(true),
            Act::Wait | Act::Finish => None,
        }
    }

    /// Begins the last wait again, because SIGKILL has only been sent by now.
    pub(crate) fn restart_last_wait(&mut self, now: Instant) {
        if let Stage::Last(_) = self.stage {
            self.stage = Stage::Last(after(now, self.plan.timeout));
        }
    }

    /// Returns whether the last wait has passed.
    pub(crate) fn is_past_deadline(&self, now: Instant) -> bool {
        matches!(self.stage, Stage::Last(due) if is_past_deadline(due, now))
    }

    /// Returns when the next stage is due, or `None` if no time is set.
    pub(crate) fn due(&self) -> Option<Instant> {
        match self.stage {
            Stage::Grace(_, due) | Stage::Last(due) => due,
            Stage::Step(_) | Stage::Kill => None,
        }
    }

    /// Returns when the grace period of these signals ends for others, or `None` if the signals may not ask to exit.
    pub(crate) fn asked_until(&self, now: Instant, signals: &[Signal]) -> Option<Instant> {
        if self.plan.kill {
            // SIGKILL comes first then.
            let due = self.due().or_else(|| now.checked_add(MAX_ASKED))?;
            return due.checked_add(ASKED_MARGIN);
        }
        signals.contains(&Signal::TERM).then_some(now)
    }

    /// Returns what latecomers must be sent.
    pub(crate) fn catch_up(&self) -> CatchUp<'_> {
        let sent = match self.stage {
            Stage::Last(_) if self.plan.kill => return CatchUp::Kill,
            Stage::Last(_) | Stage::Kill => self.plan.steps.len(),
            Stage::Step(next) => next,
            Stage::Grace(number, _) => number + 1,
        };
        let steps = self.plan.steps.iter().take(sent);
        match steps.rev().find(|step| step.to == Recipients::All && !step.signals.is_empty()) {
            Some(step) => CatchUp::Signals(&step.signals),
            None => CatchUp::None,
        }
    }

    /// Returns the stage after the last step.
    fn after_last_step(&self, now: Instant) -> Stage {
        if self.plan.kill { Stage::Kill } else { Stage::Last(after(now, self.plan.timeout)) }
    }
}

/// Returns `None` if the time is past the clock's range: it never comes.
fn after(now: Instant, wait: Option<Duration>) -> Option<Instant> {
    now.checked_add(wait?)
}

fn is_past_deadline(due: Option<Instant>, now: Instant) -> bool {
    due.is_some_and(|due| now >= due)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: &[Signal] = &[Signal::TERM];

    fn step(signals: &[Signal], grace: u64, to: Recipients) -> Step {
        Step { signals: signals.to_vec(), grace: Some(Duration::from_millis(grace)), to }
    }

    fn plan(steps: Vec<Step>, kill: bool, timeout: u64) -> Plan {
        Plan { steps, kill, timeout: Some(Duration::from_millis(timeout)) }
    }

    fn usual() -> Escalation {
        Escalation::new(plan(vec![step(TERM, 5000, Recipients::All)], true, 1000))
    }

    fn int() -> Signal {
        Signal::from_name("SIGINT").unwrap()
    }

    impl Escalation {
        /// Returns the next act, and when the stage after it is due.
        fn next(&mut self, now: Instant, liveness: Liveness) -> (Act, Option<Instant>) {
            (self.turn(now, liveness), self.due())
        }
    }

    /// Times in milliseconds after an arbitrary start.
    struct Clock(Instant);

    impl Clock {
        fn at(&self, milliseconds: u64) -> Instant {
            self.0 + Duration::from_millis(milliseconds)
        }

        fn until(&self, milliseconds: u64) -> (Act, Option<Instant>) {
            (Act::Wait, Some(self.at(milliseconds)))
        }
    }

    fn clock() -> Clock {
        Clock(Instant::now())
    }

    #[test]
    fn a_process_that_ignores_sigterm_gets_sigkill_and_is_reported_if_it_survives() {
        let (mut escalation, clock) = (usual(), clock());
        assert_eq!(
            escalation.turn(clock.at(0), Liveness::Alive),
            Act::Signal(TERM.to_vec(), Recipients::All)
        );
        assert_eq!(escalation.next(clock.at(1), Liveness::Alive), clock.until(5000));
        assert_eq!(escalation.next(clock.at(4999), Liveness::Alive), clock.until(5000));
        assert_eq!(escalation.turn(clock.at(5000), Liveness::Alive), Act::Kill);
        assert_eq!(escalation.next(clock.at(5001), Liveness::Alive), clock.until(6000));
        assert_eq!(escalation.turn(clock.at(6000), Liveness::Alive), Act::Finish);
    }

    #[test]
    fn the_escalation_finishes_at_any_stage_once_no_process_is_alive() {
        // (when the last process exits, how many acts came before)
        for (end, acts) in [(0, 0), (1, 1), (4999, 1), (5000, 1), (5001, 2), (5999, 2), (99_999, 2)] {
            let (mut escalation, clock) = (usual(), clock());
            let mut done = 0;
            for now in [0, 0, 1, 4999, 5000, 5001, 5999].into_iter().filter(|now| *now < end) {
                match escalation.turn(clock.at(now), Liveness::Alive) {
                    Act::Signal(..) | Act::Kill => done += 1,
                    Act::Wait => {}
                    Act::Finish => panic!("finished at {now} while a process is alive"),
                }
            }
            assert_eq!(escalation.turn(clock.at(end), Liveness::None), Act::Finish, "{end}");
            assert_eq!(done, acts, "{end}");
        }
    }

    #[test]
    fn a_late_turn_does_one_act_and_starts_the_next_wait_from_now() {
        let (mut escalation, clock) = (usual(), clock());
        assert_eq!(
            escalation.turn(clock.at(0), Liveness::Alive),
            Act::Signal(TERM.to_vec(), Recipients::All)
        );
        assert_eq!(escalation.turn(clock.at(60_000), Liveness::Alive), Act::Kill);
        assert_eq!(escalation.next(clock.at(60_000), Liveness::Alive), clock.until(61_000));
    }

    #[test]
    fn each_step_has_its_own_signals_and_grace_period() {
        let hup = Signal::from_name("SIGHUP").unwrap();
        let steps = vec![
            step(&[int()], 100, Recipients::Root),
            step(&[Signal::TERM, hup], 50, Recipients::All),
            step(&[int()], 0, Recipients::Root),
        ];
        let (mut escalation, clock) = (Escalation::new(plan(steps, true, 10)), clock());
        assert_eq!(escalation.catch_up(), CatchUp::None);
        assert_eq!(escalation.turn(clock.at(0), Liveness::Alive), Act::Signal(vec![int()], Recipients::Root));
        assert_eq!(escalation.catch_up(), CatchUp::None, "latecomers do not get what only the root got");
        assert_eq!(escalation.next(clock.at(0), Liveness::Alive), clock.until(100));
        assert_eq!(
            escalation.turn(clock.at(100), Liveness::Alive),
            Act::Signal(vec![Signal::TERM, hup], Recipients::All)
        );
        assert_eq!(escalation.catch_up(), CatchUp::Signals(&[Signal::TERM, hup]));
        assert_eq!(escalation.next(clock.at(101), Liveness::Alive), clock.until(150));
        assert_eq!(
            escalation.turn(clock.at(151), Liveness::Alive),
            Act::Signal(vec![int()], Recipients::Root)
        );
        assert_eq!(
            escalation.catch_up(),
            CatchUp::Signals(&[Signal::TERM, hup]),
            "the last signals that were sent to all"
        );
        assert_eq!(escalation.turn(clock.at(151), Liveness::Alive), Act::Kill);
        assert_eq!(escalation.catch_up(), CatchUp::Kill);
        assert_eq!(escalation.next(clock.at(152), Liveness::Alive), clock.until(161));
    }

    #[test]
    fn sigkill_is_the_first_signal_of_a_plan_without_steps() {
        let (mut escalation, clock) = (Escalation::new(plan(Vec::new(), true, 0)), clock());
        assert_eq!(escalation.catch_up(), CatchUp::None);
        assert_eq!(escalation.turn(clock.at(0), Liveness::Alive), Act::Kill);
        assert_eq!(escalation.turn(clock.at(0), Liveness::Alive), Act::Finish);
    }

    #[test]
    fn a_plan_without_sigkill_waits_after_its_last_step_and_finishes() {
        let (mut escalation, clock) =
            (Escalation::new(plan(vec![step(TERM, 0, Recipients::All)], false, 700)), clock());
        assert_eq!(
            escalation.turn(clock.at(0), Liveness::Alive),
            Act::Signal(TERM.to_vec(), Recipients::All)
        );
        assert_eq!(escalation.next(clock.at(0), Liveness::Alive), clock.until(700));
        assert_eq!(escalation.catch_up(), CatchUp::Signals(TERM));
        escalation.force();
        assert_eq!(
            escalation.next(clock.at(1), Liveness::Alive),
            clock.until(700),
            "there is no grace period to skip"
        );
        assert_eq!(escalation.turn(clock.at(700), Liveness::Alive), Act::Finish);
    }

    #[test]
    fn processes_that_are_asked_to_exit_have_until_sigkill() {
        let (mut escalation, clock) = (usual(), clock());
        escalation.turn(clock.at(0), Liveness::Alive);
        assert_eq!(escalation.asked_until(clock.at(0), TERM), Some(clock.at(5000) + ASKED_MARGIN));
        let mut polite = Escalation::new(plan(vec![step(TERM, 9, Recipients::All)], false, 9));
        polite.turn(clock.at(0), Liveness::Alive);
        assert_eq!(polite.asked_until(clock.at(0), TERM), Some(clock.at(0)));
        assert_eq!(polite.asked_until(clock.at(0), &[int()]), None);
    }

    #[test]
    fn an_escalation_without_limits_waits_for_ever() {
        let forever = Step { signals: TERM.to_vec(), grace: None, to: Recipients::All };
        let (mut escalation, clock) =
            (Escalation::new(Plan { steps: vec![forever], kill: true, timeout: None }), clock());
        escalation.turn(clock.at(0), Liveness::Alive);
        assert_eq!(escalation.next(clock.at(u64::from(u32::MAX)), Liveness::Alive), (Act::Wait, None));
        escalation.force();
        assert_eq!(escalation.turn(clock.at(1), Liveness::Alive), Act::Kill);
        assert_eq!(escalation.next(clock.at(u64::from(u32::MAX)), Liveness::Alive), (Act::Wait, None));
        // More than the clock's range.
        let endless = step(TERM, u64::MAX, Recipients::All);
        let mut escalation = Escalation::new(plan(vec![endless], true, u64::MAX));
        escalation.turn(clock.at(0), Liveness::Alive);
        assert_eq!(escalation.turn(clock.at(1), Liveness::Alive), Act::Wait);
    }

    #[test]
    fn a_forced_escalation_skips_grace_periods_but_not_the_first_signals() {
        for force_at in [None, Some(0), Some(1), Some(2)] {
            let steps = vec![step(TERM, 5000, Recipients::All), step(&[int()], 5000, Recipients::All)];
            let (mut escalation, clock) = (Escalation::new(plan(steps, true, 10)), clock());
            if force_at == Some(0) {
                escalation.force();
            }
            assert_eq!(
                escalation.turn(clock.at(0), Liveness::Alive),
                Act::Signal(TERM.to_vec(), Recipients::All)
            );
            if force_at == Some(1) {
                escalation.force();
            }
            let next = escalation.next(clock.at(1), Liveness::Alive);
            if force_at.is_some_and(|at| at < 2) {
                assert_eq!(next.0, Act::Kill);
                continue;
            }
            assert_eq!(next, clock.until(5000));
            if force_at == Some(2) {
                escalation.force();
                assert_eq!(escalation.turn(clock.at(2), Liveness::Alive), Act::Kill);
            }
        }
    }

    #[test]
    fn a_process_that_may_not_be_signalled_is_tried_once_more_and_not_waited_for() {
        let (mut escalation, clock) = (usual(), clock());
        escalation.turn(clock.at(0), Liveness::Alive);
        assert_eq!(escalation.turn(clock.at(3), Liveness::NotPermitted), Act::Kill);
        assert_eq!(escalation.turn(clock.at(3), Liveness::NotPermitted), Act::Finish);

        let mut polite = Escalation::new(plan(vec![step(TERM, 0, Recipients::All)], false, 5000));
        polite.turn(clock.at(0), Liveness::Alive);
        assert_eq!(polite.turn(clock.at(1), Liveness::NotPermitted), Act::Finish);
    }

    #[test]
    fn an_unverified_process_is_waited_for_after_all_others_have_exited() {
        let (mut escalation, clock) = (usual(), clock());
        escalation.turn(clock.at(0), Liveness::Alive);
        assert_eq!(escalation.turn(clock.at(3), Liveness::Unverified), Act::Kill);
        assert_eq!(escalation.next(clock.at(3), Liveness::Unverified), clock.until(1003));
        assert_eq!(escalation.turn(clock.at(4), Liveness::None), Act::Finish);
        assert_eq!(escalation.turn(clock.at(1003), Liveness::Unverified), Act::Finish);
    }

    #[test]
    fn no_signal_is_sent_if_no_process_is_alive() {
        let (mut escalation, clock) = (usual(), clock());
        assert_eq!(escalation.turn(clock.at(0), Liveness::None), Act::Finish);
        assert_eq!(escalation.catch_up(), CatchUp::None);
    }
}
