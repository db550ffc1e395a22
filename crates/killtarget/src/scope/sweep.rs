//! SIGKILL to a tree, so that nobody escapes by being started meanwhile.
//!
//! Where all of the tree is in the root's group, and the system signals that at once, it takes one step. Elsewhere a parent
//! must not be killed while it may start others: these would be nobody's children then, and not be found. So everyone is
//! stopped first, until nobody runs and nobody new is found; for as short a time as that takes, as others see who is stopped.
//! (A shell may stop itself then.)
//!
//! Where nobody can be stopped, children name their parent after its end as well, so that who is found can be killed at
//! once: whoever it has started by then is found by its number, and killed in turn.

use std::time::{Duration, Instant};

use super::{member::Member, members::Members, process_table::ProcessTable};
use crate::sys::RunState;

/// From the first stop to SIGKILL, where somebody does not stop.
const STOP_TIMEOUT: Duration = Duration::from_millis(250);

/// The same where scans still find somebody, as on a machine that is very busy: who is not found escapes.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(1);

/// How often one look follows the other before SIGKILL goes to the group, where somebody always has come in meanwhile.
const MAX_SCANS: usize = 3;

/// How long those are waited for to stop who are blocked in the kernel.
const UNINTERRUPTIBLE_TIMEOUT: Duration = Duration::from_millis(50);

const MIN_POLL_INTERVAL: Duration = Duration::from_micros(100);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(4);

/// One that has begun.
pub(crate) struct Sweep {
    started: Instant,
    scans: usize,
    /// When everyone was stopped.
    stopped: Option<Instant>,
    /// Since when nobody has run, though some are blocked.
    uninterruptible_since: Option<Instant>,
    interval: Duration,
    /// When to go on.
    pub(crate) due: Instant,
    /// Whether it went on in this turn: others are to have theirs.
    pub(crate) has_run_in_turn: bool,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SweepResult {
    Pending,
    /// SIGKILL was sent to all.
    Complete,
    /// SIGKILL was sent, and the time was too short to be sure that it went to all.
    Partial,
}

impl Sweep {
    pub(crate) fn new(now: Instant) -> Self {
        let (interval, due) = (MIN_POLL_INTERVAL, now);
        Self {
            started: due,
            scans: 0,
            stopped: None,
            uninterruptible_since: None,
            interval,
            due,
            has_run_in_turn: false,
        }
    }

    /// Goes on by one look.
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

    /// Until a look shows nobody after all those known were over.
    fn kill_as_found<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
    ) -> SweepResult {
        members.refresh();
        let had_all_exited = members.living().iter().all(Member::is_not_permitted);
        let first_latecomer = members.scan_until(process_list, self.started + SEARCH_TIMEOUT);
        let found_more = first_latecomer < members.living().len() || members.has_gaps();
        members.kill();
        if had_all_exited && !found_more {
            return SweepResult::Complete;
        }
        let now = T::now();
        if now >= self.started + SEARCH_TIMEOUT {
            members.record_missed_orphans();
            return SweepResult::Partial;
        }
        self.interval =
            if found_more { MIN_POLL_INTERVAL } else { (self.interval * 2).min(MAX_POLL_INTERVAL) };
        self.due = now + self.interval;
        SweepResult::Pending
    }

    fn try_group_kill<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
    ) -> SweepResult {
        let is_settled = members.is_complete() || {
            let first_latecomer = members.scan_until(process_list, self.started + SEARCH_TIMEOUT);
            self.scans += 1;
            let has_latecomers = first_latecomer < members.living().len();
            members.is_complete() || self.scans > 1 && !has_latecomers && !members.has_gaps()
        };
        if T::GROUP_SIGNAL_IS_ATOMIC && members.all_in_group() {
            if !is_settled && self.scans < MAX_SCANS && T::now() < self.started + SEARCH_TIMEOUT {
                return SweepResult::Pending;
            }
            if members.kill_by_group() {
                if members.has_gaps() {
                    members.record_missed_orphans();
                }
                return SweepResult::Complete;
            }
        }
        members.stop(0);
        self.stopped = Some(T::now());
        SweepResult::Pending
    }

    fn stop_and_kill<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        process_list: &T::List,
        stopped: Instant,
    ) -> SweepResult {
        members.refresh();
        // Before the look: who stops during that may have started somebody after it was asked for its children.
        let could_fork = self.can_fork(members);
        let first_latecomer = members.scan_until(process_list, stopped + SEARCH_TIMEOUT);
        members.stop(first_latecomer);
        let has_latecomers = first_latecomer < members.living().len();
        let found_more = has_latecomers || members.has_gaps();
        if !could_fork && !found_more {
            members.kill_deepest_first();
            return SweepResult::Complete;
        }
        let deadline = stopped + if found_more { SEARCH_TIMEOUT } else { STOP_TIMEOUT };
        let now = T::now();
        if now >= deadline {
            members.kill_deepest_first();
            members.record_missed_orphans();
            return SweepResult::Partial;
        }
        if found_more {
            self.uninterruptible_since = None;
        } else {
            self.interval = (self.interval * 2).min(MAX_POLL_INTERVAL);
        }
        self.due = if has_latecomers { now } else { (now + self.interval).min(deadline) };
        SweepResult::Pending
    }

    /// Returns whether a known member may still fork.
    fn can_fork<T: ProcessTable>(&mut self, members: &mut Members<T>) -> bool {
        match members.stop_again() {
            RunState::Stopped => false,
            // It may be in the middle of fork(2), which a stop does not interrupt.
            // A process that waits for its vfork(2) child stays in this state, so the wait has a limit.
            RunState::Uninterruptible => {
                T::now() < *self.uninterruptible_since.get_or_insert_with(T::now) + UNINTERRUPTIBLE_TIMEOUT
            }
            RunState::Running => {
                self.uninterruptible_since = None;
                true
            }
        }
    }
}
