//! SIGKILL to a tree, so that no process escapes by a fork during the kill.
//!
//! If the whole tree is in the root's group and the group signal is atomic, one signal does it, provided that no process
//! was started since the last scan. Otherwise a parent must not be killed while it can fork: its orphans would not be
//! found. So the sweep works in steps:
//!
//! 1. It stops every member, parents first. A stopped process cannot fork.
//! 2. It scans, and stops each latecomer. It repeats this until no member can fork and a scan finds nothing
//!    more.
//! 3. It sends SIGKILL, the deepest first. The kernel would continue a stopped child of an exited parent.
//!
//! The stop is as short as possible, because others see it: a shell may stop itself when its child is
//! stopped.
//!
//! Where processes cannot be stopped, a child still names its parent after the parent's exit. So the sweep
//! kills each member as it finds it: the next scan finds that member's children by its pid.

use std::time::{Duration, Instant};

use super::{
    members::Members,
    process_table::ProcessTable,
    stop_check::{PATIENT_TIMEOUT, StopCheck, UNSETTLED_TIMEOUT},
};
use crate::sys::{RunState, Visibility};

/// The limit from the first stop to SIGKILL, if a member does not stop.
const STOP_TIMEOUT: Duration = Duration::from_millis(250);

/// The limit of the search, if scans still find processes, as on a busy machine. A process that is not found
/// escapes.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(1);

/// The limit of scans before every member is stopped, if processes are started during each.
const MAX_SCANS: usize = 3;

const MIN_POLL_INTERVAL: Duration = Duration::from_micros(100);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(4);

/// A sweep in progress.
pub(crate) struct Sweep {
    started: Instant,
    /// The limit of the scans of [`Sweep::until_certain`].
    limit: Option<Instant>,
    scans: usize,
    /// When every member was stopped.
    stopped: Option<Instant>,
    stop_check: StopCheck,
    interval: Duration,
    /// When the next step is due.
    pub(crate) due: Instant,
    /// Whether a step was done in this turn. Other terminations have their turns between two steps.
    pub(crate) has_run_in_turn: bool,
}

/// What a step has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SweepResult {
    Pending,
    /// SIGKILL was sent to every member.
    Complete,
    /// SIGKILL was sent. The time was too short to be certain that it went to every member.
    Partial,
}

impl Sweep {
    pub(crate) fn new(now: Instant) -> Self {
        let (interval, due) = (MIN_POLL_INTERVAL, now);
        Self {
            started: due,
            limit: None,
            scans: 0,
            stopped: None,
            stop_check: StopCheck::new(UNSETTLED_TIMEOUT),
            interval,
            due,
            has_run_in_turn: false,
        }
    }

    /// Makes a sweep that sends no SIGKILL before it is certain to reach every member. It is never
    /// [`SweepResult::Partial`]. Past the limit no step makes progress.
    pub(crate) fn until_certain(now: Instant, limit: Instant) -> Self {
        Self { limit: Some(limit), stop_check: StopCheck::new(PATIENT_TIMEOUT), ..Self::new(now) }
    }

    /// Does one step, with one scan at most.
    pub(crate) fn advance<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
    ) -> SweepResult {
        match self.stopped {
            _ if !T::CAN_STOP => self.kill_as_found(members, process_list),
            None => self.try_group_kill(members, process_list),
            Some(stopped) => self.stop_and_kill(members, process_list, stopped),
        }
    }

    /// Kills what each scan finds, until all known members had exited before a scan that finds nothing.
    fn kill_as_found<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
    ) -> SweepResult {
        members.refresh();
        let had_all_exited = !members.waits_for_members();
        let first_latecomer = members.scan_until(process_list, self.search_deadline(self.started));
        let has_found_more = first_latecomer < members.living().len() || members.has_gaps();
        members.kill();
        if had_all_exited && !has_found_more {
            return SweepResult::Complete;
        }
        let now = T::now();
        if self.limit.is_none() && now >= self.started + SEARCH_TIMEOUT {
            members.record_missed_orphans();
            return SweepResult::Partial;
        }
        self.interval =
            if has_found_more { MIN_POLL_INTERVAL } else { (self.interval * 2).min(MAX_POLL_INTERVAL) };
        self.due = now + self.interval;
        SweepResult::Pending
    }

    /// Kills the group in one step, if it holds every member. Otherwise stops every member.
    fn try_group_kill<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
    ) -> SweepResult {
        if !members.is_complete() {
            members.scan_until(process_list, self.search_deadline(self.started));
            self.scans += 1;
        }
        // A child that no scan has shown may have left the group. Once its parent is stopped, a scan shows it.
        if T::GROUP_SIGNAL_IS_ATOMIC && members.all_in_group() {
            // Where processes are hidden, only the group signal reaches them.
            if members.is_complete() || members.visibility() != Visibility::All {
                if members.kill_by_group() {
                    return SweepResult::Complete;
                }
            } else if self.scans < MAX_SCANS && T::now() < self.search_deadline(self.started) {
                return SweepResult::Pending;
            }
        }
        members.stop(0);
        self.stopped = Some(T::now());
        SweepResult::Pending
    }

    /// Stops latecomers, and kills once no member can fork.
    fn stop_and_kill<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
        stopped: Instant,
    ) -> SweepResult {
        members.refresh();
        // Before the scan: a member that stops during the scan may have forked after its children were read.
        let could_fork = !self.stop_check.has_stopped(members, RunState::Uninterruptible);
        let first_latecomer = members.scan_until(process_list, self.search_deadline(stopped));
        members.stop(first_latecomer);
        let has_latecomers = first_latecomer < members.living().len();
        let has_found_more = has_latecomers || members.has_gaps();
        if !could_fork && !has_found_more {
            members.kill_deepest_first();
            return SweepResult::Complete;
        }
        let stop_timeout = if has_found_more { SEARCH_TIMEOUT } else { STOP_TIMEOUT };
        let deadline = self.limit.unwrap_or(stopped + stop_timeout);
        let now = T::now();
        if self.limit.is_none() && now >= deadline {
            members.kill_deepest_first();
            members.record_missed_orphans();
            return SweepResult::Partial;
        }
        if has_found_more {
            self.stop_check.restart();
        }
        self.interval =
            if has_latecomers { MIN_POLL_INTERVAL } else { (self.interval * 2).min(MAX_POLL_INTERVAL) };
        self.due = if has_latecomers { now } else { (now + self.interval).min(deadline) };
        SweepResult::Pending
    }

    fn search_deadline(&self, begin: Instant) -> Instant {
        self.limit.unwrap_or(begin + SEARCH_TIMEOUT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        simulation::{
            Id, Leads, Linux, LinuxBefore69, MacOs, Scenario, Simulated, Simulation, Windows, on_each_system,
            on_each_unix,
        },
        types::{Scope, Signal},
    };

    /// Carries out a sweep. Returns its result, and how long it took.
    fn carry_out<S: Simulation>(
        scenario: &Scenario<S>,
        members: &mut Members<Simulated<S>>,
    ) -> (SweepResult, Duration) {
        let started = Simulated::<S>::now();
        let mut sweep = Sweep::new(started);
        for _ in 0..10_000 {
            let result = sweep.advance(members, &Simulated::<S>::list());
            let now = Simulated::<S>::now();
            if result != SweepResult::Pending {
                return (result, now - started);
            }
            scenario.wait(sweep.due.saturating_duration_since(now));
        }
        panic!("the sweep does not end");
    }

    /// Starts a child and a grandchild. Returns the line, the root first.
    fn line<S: Simulation>(scenario: &Scenario<S>) -> [Id; 3] {
        let child = scenario.child_of(scenario.root);
        [scenario.root, child, scenario.child_of(child)]
    }

    #[test]
    fn a_tree_within_one_group_is_killed_in_one_step_on_linux() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let line = line(&scenario);
            let mut members = scenario.find(Scope::Tree);
            let result = Sweep::new(Simulated::<S>::now()).advance(&mut members, &Simulated::<S>::list());
            assert_eq!(result, SweepResult::Complete);
            assert_eq!(scenario.sent(), line.map(|id| (id, Signal::KILL)));
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_tree_of_two_groups_is_stopped_parents_first_and_killed_deepest_first() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let mut line = line(&scenario);
            scenario.join_group(line[2], line[2]);
            let mut members = scenario.find(Scope::Tree);
            assert_eq!(carry_out(&scenario, &mut members).0, SweepResult::Complete);
            assert_eq!(scenario.sent_to(Signal::STOP), line);
            line.reverse();
            assert_eq!(scenario.sent_to(Signal::KILL), line);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_tree_within_one_group_is_stopped_before_it_is_killed_on_macos() {
        let scenario = Scenario::<MacOs>::new(Leads::Group);
        let line = line(&scenario);
        let mut members = scenario.find(Scope::Tree);
        assert_eq!(carry_out(&scenario, &mut members).0, SweepResult::Complete);
        assert_eq!(scenario.sent_to(Signal::STOP), line);
        assert!(scenario.sent_to(Signal::KILL).starts_with(&[line[2], line[1], line[0]]));
    }

    #[test]
    fn a_tree_is_killed_without_a_stop_on_windows() {
        let scenario = Scenario::<Windows>::new(Leads::Nothing);
        let line = line(&scenario);
        let mut members = scenario.find(Scope::Tree);
        assert_eq!(carry_out(&scenario, &mut members).0, SweepResult::Complete);
        assert_eq!(scenario.sent_to(Signal::STOP), []);
        assert!(line.iter().all(|id| !scenario.is_alive(*id)));
    }

    #[test]
    fn a_process_that_forks_until_it_is_stopped_leaves_no_child_alive() {
        fn check<S: Simulation>() {
            for forks in 0..30 {
                let scenario = Scenario::<S>::new(Leads::Session);
                let child = line(&scenario)[1];
                scenario.take_session(child);
                let mut left = forks;
                scenario.at_each_call(move |world| {
                    if left > 0 && world.get(child).can_act() {
                        world.fork(child);
                        left -= 1;
                    }
                });
                let mut members = scenario.find(Scope::Tree);
                assert_eq!(carry_out(&scenario, &mut members).0, SweepResult::Complete);
                scenario.wait(Duration::ZERO);
                let is_alive = |id: &Id| *id >= scenario.root && scenario.is_alive(*id);
                let alive: Vec<_> = scenario.ids().filter(is_alive).collect();
                assert_eq!(alive, [], "{forks} forks");
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_member_that_does_not_stop_gets_sigkill_after_the_time_limit() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let line = line(&scenario);
            scenario.continue_at_each_call(line[1]);
            let mut members = scenario.find(Scope::Tree);
            let (result, elapsed) = carry_out(&scenario, &mut members);
            assert_eq!(result, SweepResult::Partial);
            assert!(STOP_TIMEOUT <= elapsed && elapsed < STOP_TIMEOUT * 2, "{elapsed:?}");
            scenario.wait(Duration::ZERO);
            assert!(line.iter().all(|id| !scenario.is_alive(*id)));
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_uninterruptible_member_holds_the_sweep_up_no_longer_than_its_limit() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let [root, child, grandchild] = line(&scenario);
            scenario.make_uninterruptible(child);
            let mut members = scenario.find(Scope::Tree);
            let (result, elapsed) = carry_out(&scenario, &mut members);
            assert_eq!(result, SweepResult::Complete);
            assert!(UNSETTLED_TIMEOUT <= elapsed && elapsed < UNSETTLED_TIMEOUT * 2, "{elapsed:?}");
            scenario.wait(Duration::ZERO);
            assert!(!scenario.is_alive(root) && !scenario.is_alive(grandchild));
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_member_in_a_tracing_stop_holds_the_sweep_up_no_longer_than_its_limit() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let line = line(&scenario);
            scenario.trace(line[1], false);
            let mut members = scenario.find(Scope::Tree);
            let (result, elapsed) = carry_out(&scenario, &mut members);
            assert_eq!(result, SweepResult::Complete);
            assert!(UNSETTLED_TIMEOUT <= elapsed && elapsed < UNSETTLED_TIMEOUT * 2, "{elapsed:?}");
            scenario.wait(Duration::ZERO);
            assert!(line.iter().all(|id| !scenario.is_alive(*id)));
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_sweep_until_certain_sends_no_sigkill_while_a_member_runs() {
        fn check<S: Simulation>(disturb: fn(&Scenario<S>, Id)) {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = line(&scenario)[1];
            disturb(&scenario, child);
            let mut members = scenario.find(Scope::Tree);
            let now = Simulated::<S>::now();
            let mut sweep = Sweep::until_certain(now, now + Duration::from_secs(1));
            while Simulated::<S>::now() < now + Duration::from_secs(1) {
                assert_eq!(sweep.advance(&mut members, &Simulated::<S>::list()), SweepResult::Pending);
                scenario.wait(Duration::from_millis(10));
            }
            assert_eq!(scenario.sent_to(Signal::KILL), []);
        }
        check::<Linux>(Scenario::continue_at_each_call);
        check::<Linux>(|scenario, child| scenario.trace(child, true));
        check::<MacOs>(Scenario::continue_at_each_call);
    }

    #[test]
    fn stopped_members_continue_if_the_sweep_is_given_up_before_sigkill() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let line = line(&scenario);
            let mut members = scenario.find(Scope::Tree);
            let mut sweep = Sweep::new(Simulated::<S>::now());
            while scenario.sent_to(Signal::STOP).is_empty() {
                assert_eq!(sweep.advance(&mut members, &Simulated::<S>::list()), SweepResult::Pending);
            }
            scenario.wait(Duration::ZERO);
            assert!(line.iter().all(|id| scenario.is_stopped(*id)));
            drop(members);
            scenario.wait(Duration::ZERO);
            assert!(line.iter().all(|id| scenario.is_alive(*id) && !scenario.is_stopped(*id)));
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_member_that_may_be_stopped_but_not_killed_any_more_goes_on_if_the_kernel_lets_it() {
        fn check<S: Simulation>() {
            for is_in_session_of_caller in [true, false] {
                let scenario = Scenario::<S>::new(Leads::Nothing);
                let child = line(&scenario)[1];
                if !is_in_session_of_caller {
                    scenario.take_session(child);
                }
                let mut has_changed = false;
                scenario.at_each_call(move |world| {
                    if !has_changed && world.was_sent(child, Signal::STOP) {
                        world.get_mut(child).is_not_permitted = true;
                        has_changed = true;
                    }
                });
                let mut members = scenario.find(Scope::Tree);
                assert_eq!(carry_out(&scenario, &mut members).0, SweepResult::Complete);
                scenario.wait(Duration::ZERO);
                assert!(scenario.is_alive(child));
                let continued = if is_in_session_of_caller { vec![child] } else { vec![] };
                assert_eq!(scenario.sent_to(Signal::CONT), continued);
                assert!(members.has_signalled());
            }
        }
        on_each_unix!(check);
    }
}
