//! When the command's processes are asked to exit, and when they are killed.

use super::clock::Time;
use crate::{
    arguments::Options,
    types::{End, Signal},
};

/// The shortest time in milliseconds for which all are asked that another process has requested.
const MIN_ASKED: u32 = 1000;

/// The intervals in milliseconds between searches for processes that a search has missed, as they were being started.
const MIN_SEARCH_INTERVAL: u32 = 10;
const MAX_SEARCH_INTERVAL: u32 = 200;

enum Phase {
    Running,
    /// They have this long to exit.
    Grace {
        end: Time,
        /// Whether it ends no earlier than the time that another process gives.
        may_be_longer: bool,
    },
    Killing {
        next: Time,
    },
}

/// The searches for processes that were not asked to exit yet.
#[derive(Clone, Copy)]
struct Searches {
    next: Time,
    interval: u32,
    /// Whether nothing was done for them yet.
    is_new: bool,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    /// Those that were not asked yet are asked to exit.
    Ask,
    /// All get SIGKILL. When to do it again is told by [`Escalation::kill_again_at`].
    Kill,
}

/// How far the end of the command's processes is.
pub(crate) struct Escalation {
    phase: Phase,
    /// The grace period in milliseconds. 0 if the signal that asks to exit is SIGKILL.
    grace: u32,
    /// `None`: none is to be asked, or others have asked them.
    searches: Option<Searches>,
    /// When the time ends that another process has given, as it has asked all to exit.
    asked_until: Option<Time>,
}

impl Escalation {
    pub(crate) fn new(options: &Options) -> Self {
        let grace = if options.kill_signal == Signal::KILL { 0 } else { options.grace };
        Self { phase: Phase::Running, grace, searches: None, asked_until: None }
    }

    pub(crate) const fn has_begun(&self) -> bool {
        !matches!(self.phase, Phase::Running)
    }

    /// Records that another process has asked all to exit now, and gives them so many milliseconds. They are not asked once more
    /// in that time: a second signal may mean to exit at once. What was started since may be the clean-up that the first one asked
    /// for.
    #[allow(dead_code)] // only on Linux a request can tell
    pub(crate) fn note_asked(&mut self, now: Time, time: u32) {
        self.give(now, time);
        self.searches = None;
    }

    /// Asks all to exit as another process has requested it, and gives them so many milliseconds. SIGKILL is left to that process.
    #[allow(dead_code)] // the same
    pub(crate) fn ask(&mut self, now: Time, time: u32) {
        self.give(now, time.max(MIN_ASKED));
        if !matches!(self.phase, Phase::Killing { .. }) {
            self.search(now);
        }
    }

    /// Returns whether the time is over that another process has given, and nothing has begun.
    #[allow(dead_code)] // the same
    pub(crate) fn is_request_over(&self, now: Time) -> bool {
        !self.has_begun() && self.asked_until.is_some_and(|until| until <= now)
    }

    fn give(&mut self, now: Time, time: u32) {
        let until = now.after(time.max(self.grace));
        self.asked_until = self.asked_until.max(Some(until));
        if let Phase::Grace { end, may_be_longer: true } = &mut self.phase {
            *end = until.max(*end);
        }
    }

    fn search(&mut self, now: Time) {
        self.searches.get_or_insert(Searches { next: now, interval: MIN_SEARCH_INTERVAL, is_new: true });
    }

    /// Returns whether searches are about to begin.
    #[allow(dead_code)] // the same
    pub(crate) fn begins_to_search(&self) -> bool {
        self.searches.is_some_and(|searches| searches.is_new)
    }

    /// Begins the searches only after so many milliseconds, but in the first half of the grace period.
    #[allow(dead_code)] // the same
    pub(crate) fn postpone_searches(&mut self, now: Time, time: u32) {
        if let Some(searches) = &mut self.searches {
            let time = match self.phase {
                Phase::Grace { end, .. } => time.min(end.milliseconds_from(now) / 2),
                Phase::Running | Phase::Killing { .. } => time,
            };
            (searches.next, searches.is_new) = (now.after(time), false);
        }
    }

    /// Searches now.
    #[allow(dead_code)] // the same
    pub(crate) fn search_now(&mut self, now: Time) {
        if let Some(searches) = &mut self.searches {
            searches.next = now;
        }
    }

    /// Begins as the command has exited. Another process may give the others more time, as long as there is a host.
    #[allow(dead_code)] // the same
    pub(crate) fn begin_at_exit(&mut self, end: End, now: Time) {
        self.begin(end, now);
        if let Phase::Grace { end, may_be_longer } = &mut self.phase {
            *may_be_longer = true;
            *end = self.asked_until.map_or(*end, |until| until.max(*end));
        }
    }

    /// Begins, or hurries.
    pub(crate) fn begin(&mut self, end: End, now: Time) {
        let is_polite = end == End::Terminate && self.grace > 0;
        match self.phase {
            Phase::Running if is_polite => {
                self.phase = Phase::Grace { end: now.after(self.grace), may_be_longer: false };
                if self.asked_until.is_none_or(|until| until <= now) {
                    self.search(now);
                }
            }
            Phase::Grace { ref mut end, ref mut may_be_longer } if is_polite => {
                *may_be_longer = false;
                *end = now.after(self.grace).min(*end);
            }
            Phase::Killing { .. } => {}
            Phase::Running | Phase::Grace { .. } => {
                self.phase = Phase::Killing { next: now };
                self.searches = None;
            }
        }
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        let end = match self.phase {
            Phase::Running => None,
            Phase::Grace { end, .. } => Some(end),
            Phase::Killing { next } => Some(next),
        };
        end.into_iter().chain(self.searches.map(|searches| searches.next)).min()
    }

    /// Returns what is due. `has_exited`: whether one of the processes has exited since the last time.
    pub(crate) fn step(&mut self, now: Time, has_exited: bool) -> Step {
        match self.phase {
            Phase::Grace { end, .. } if end <= now => {
                self.begin(End::Kill, now);
                return Step::Nothing;
            }
            Phase::Killing { next } if has_exited || next <= now => return Step::Kill,
            // What another process has requested is over with the time that it gave.
            Phase::Running if self.asked_until.is_some_and(|until| until <= now) => self.searches = None,
            Phase::Running | Phase::Grace { .. } | Phase::Killing { .. } => {}
        }
        let Some(searches) = self.searches.as_mut().filter(|searches| searches.next <= now) else {
            return Step::Nothing;
        };
        (searches.next, searches.is_new) = (now.after(searches.interval), false);
        searches.interval = (searches.interval * 2).min(MAX_SEARCH_INTERVAL);
        Step::Ask
    }

    pub(crate) fn kill_again_at(&mut self, time: Time) {
        if let Phase::Killing { next } = &mut self.phase {
            *next = time;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::clock::now, *};

    fn escalation(grace: u32) -> Escalation {
        Escalation::new(&Options { grace, ..Options::default() })
    }

    #[test]
    fn the_grace_period_comes_before_sigkill() {
        let (mut escalation, start) = (escalation(100), now());
        assert_eq!((escalation.step(start, true), escalation.due()), (Step::Nothing, None));
        escalation.begin(End::Terminate, start);
        assert_eq!(escalation.step(start, false), Step::Ask);
        assert_eq!(escalation.step(start, true), Step::Nothing);
        assert_eq!(escalation.due(), Some(start.after(10)));
        assert_eq!(escalation.step(start.after(10), false), Step::Ask);
        assert_eq!(escalation.due(), Some(start.after(30)));
        // A second request to exit does not extend it.
        escalation.begin(End::Terminate, start.after(30));
        let end = start.after(100);
        escalation.step(end, false);
        assert_eq!((escalation.due(), escalation.step(end, false)), (Some(end), Step::Kill));
    }

    #[test]
    fn what_another_process_has_asked_is_not_asked_again_in_the_grace_period() {
        for (begin, is_asked) in [(0, false), (99, false), (100, true)] {
            let (mut escalation, start) = (escalation(100), now());
            escalation.note_asked(start, 0);
            assert_eq!((escalation.step(start, true), escalation.due()), (Step::Nothing, None));
            let begin = start.after(begin);
            escalation.begin(End::Terminate, begin);
            assert_eq!(escalation.step(begin, true) == Step::Ask, is_asked);
            let end = begin.after(100);
            escalation.step(end, false);
            assert_eq!(escalation.step(end, false), Step::Kill);
        }
        let (mut escalation, start) = (escalation(100), now());
        escalation.begin(End::Terminate, start);
        assert_eq!(escalation.step(start, false), Step::Ask);
        escalation.note_asked(start, 0);
        assert_eq!(escalation.due(), Some(start.after(100)));
    }

    #[test]
    fn another_process_may_give_more_time_until_the_host_exits() {
        for is_asked_first in [false, true] {
            let (mut escalation, start) = (escalation(100), now());
            if is_asked_first {
                escalation.note_asked(start, 900);
            }
            escalation.begin_at_exit(End::Terminate, start);
            if !is_asked_first {
                assert_eq!(escalation.step(start, true), Step::Ask);
                escalation.note_asked(start, 900);
            }
            assert_eq!(
                (escalation.step(start, true), escalation.due()),
                (Step::Nothing, Some(start.after(900)))
            );
            escalation.begin(End::Terminate, start.after(50));
            assert_eq!(escalation.step(start.after(149), true), Step::Nothing);
            escalation.step(start.after(150), true);
            assert_eq!(escalation.step(start.after(150), true), Step::Kill);
        }
        let (mut escalation, start) = (escalation(100), now());
        escalation.begin(End::Terminate, start);
        escalation.note_asked(start, 900);
        assert_eq!(escalation.due(), Some(start.after(100)));
    }

    #[test]
    fn a_request_to_ask_asks_for_the_time_that_it_gives_and_kills_nothing() {
        for (grace, time, end) in [(0, 0, 1000), (50, 2000, 2000), (3000, 0, 3000)] {
            let (mut escalation, start) = (escalation(grace), now());
            escalation.ask(start, time);
            assert_eq!(escalation.step(start, true), Step::Ask);
            assert_eq!(escalation.due(), Some(start.after(10)));
            assert_eq!(escalation.step(start.after(end - 1), true), Step::Ask);
            assert!(!escalation.is_request_over(start.after(end - 1)));
            assert_eq!(escalation.step(start.after(end), true), Step::Nothing);
            assert!(escalation.is_request_over(start.after(end)));
            assert_eq!((escalation.has_begun(), escalation.due()), (false, None));
        }
    }

    #[test]
    fn searches_are_postponed_once_and_not_beyond_half_of_the_grace_period() {
        for (grace, postponed) in [(100, 50), (10_000, 500)] {
            let (mut escalation, start) = (escalation(grace), now());
            assert!(!escalation.begins_to_search());
            escalation.begin(End::Terminate, start);
            assert!(escalation.begins_to_search());
            escalation.postpone_searches(start, 500);
            assert!(!escalation.begins_to_search());
            assert_eq!(escalation.step(start, false), Step::Nothing);
            assert_eq!(escalation.due(), Some(start.after(postponed)));
            escalation.search_now(start);
            assert_eq!(escalation.step(start, false), Step::Ask);
            assert!(!escalation.begins_to_search());
        }
    }

    #[test]
    fn what_is_asked_at_a_request_goes_on_once_the_end_has_begun() {
        for is_asked_first in [false, true] {
            let (mut escalation, start) = (escalation(100), now());
            if is_asked_first {
                escalation.ask(start, 0);
                escalation.begin(End::Terminate, start);
            } else {
                escalation.begin(End::Terminate, start);
                escalation.note_asked(start, 0);
                escalation.ask(start, 0);
            }
            assert_eq!(escalation.step(start, false), Step::Ask);
            assert_eq!(escalation.step(start.after(10), false), Step::Ask);
            escalation.step(start.after(100), false);
            assert_eq!(escalation.step(start.after(100), false), Step::Kill);
            escalation.ask(start.after(100), 0);
            escalation.kill_again_at(start.after(105));
            assert_eq!(escalation.due(), Some(start.after(105)));
        }
    }

    #[test]
    fn a_request_to_kill_ends_the_grace_period() {
        for grace in [0, 100] {
            let (mut escalation, start) = (escalation(grace), now());
            escalation.begin(End::Terminate, start);
            escalation.begin(End::Kill, start);
            assert_eq!(escalation.step(start, false), Step::Kill);
            escalation.kill_again_at(start.after(5));
            assert_eq!(escalation.step(start, false), Step::Nothing);
            assert_eq!(escalation.step(start, true), Step::Kill);
            assert_eq!(escalation.step(start.after(5), false), Step::Kill);
        }
    }
}
