//! When the command's processes are asked to exit, and when they are killed.

use super::clock::Time;
use crate::{
    arguments::Options,
    types::{End, Signal},
};

/// The intervals in milliseconds between searches for processes that a search has missed, as they were being started.
const MIN_SEARCH_INTERVAL: u32 = 10;
const MAX_SEARCH_INTERVAL: u32 = 200;

enum Phase {
    Running,
    /// They were asked to exit.
    Grace {
        end: Time,
        /// `None` once another process has asked.
        next_search: Option<Time>,
        interval: u32,
        /// Whether it ends no earlier than the time that another process gives.
        may_be_longer: bool,
    },
    Killing {
        next: Time,
    },
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
    /// When the time ends that another process has given, as it has asked all to exit.
    asked_until: Option<Time>,
}

impl Escalation {
    pub(crate) fn new(options: &Options) -> Self {
        let grace = if options.kill_signal == Signal::KILL { 0 } else { options.grace };
        Self { phase: Phase::Running, grace, asked_until: None }
    }

    pub(crate) const fn has_begun(&self) -> bool {
        !matches!(self.phase, Phase::Running)
    }

    /// Records that another process has asked all to exit now, and gives them so many milliseconds. They are not asked once more
    /// in that time: a second signal may mean to exit at once. What was started since may be the clean-up that the first one asked
    /// for.
    #[allow(dead_code)] // only on Linux a request can tell
    pub(crate) fn note_asked(&mut self, now: Time, time: u32) {
        let until = now.after(time.max(self.grace));
        self.asked_until = self.asked_until.max(Some(until));
        if let Phase::Grace { end, next_search, may_be_longer, .. } = &mut self.phase {
            if *may_be_longer {
                *end = until.max(*end);
            }
            *next_search = None;
        }
    }

    /// Begins as the command has exited. Another process may give the others more time, as long as there is a host.
    #[allow(dead_code)] // the same
    pub(crate) fn begin_at_exit(&mut self, end: End, now: Time) {
        self.begin(end, now);
        if let Phase::Grace { end, may_be_longer, .. } = &mut self.phase {
            *may_be_longer = true;
            *end = self.asked_until.map_or(*end, |until| until.max(*end));
        }
    }

    /// Begins, or hurries.
    pub(crate) fn begin(&mut self, end: End, now: Time) {
        let is_polite = end == End::Terminate && self.grace > 0;
        match self.phase {
            Phase::Running if is_polite => {
                let end = now.after(self.grace);
                let is_asked = self.asked_until.is_some_and(|until| now < until);
                let next_search = (!is_asked).then_some(now);
                let interval = MIN_SEARCH_INTERVAL;
                self.phase = Phase::Grace { end, next_search, interval, may_be_longer: false };
            }
            Phase::Grace { ref mut end, ref mut may_be_longer, .. } if is_polite => {
                *may_be_longer = false;
                *end = now.after(self.grace).min(*end);
            }
            Phase::Killing { .. } => {}
            Phase::Running | Phase::Grace { .. } => self.phase = Phase::Killing { next: now },
        }
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        match &self.phase {
            Phase::Running => None,
            Phase::Grace { end, next_search, .. } => {
                Some(next_search.map_or(*end, |search| search.min(*end)))
            }
            Phase::Killing { next } => Some(*next),
        }
    }

    /// Returns what is due. `has_exited`: whether one of the processes has exited since the last time.
    pub(crate) fn step(&mut self, now: Time, has_exited: bool) -> Step {
        match &mut self.phase {
            Phase::Grace { end, .. } if *end <= now => {
                self.begin(End::Kill, now);
                Step::Nothing
            }
            Phase::Grace { next_search, interval, .. } if next_search.is_some_and(|search| search <= now) => {
                *next_search = Some(now.after(*interval));
                *interval = (*interval * 2).min(MAX_SEARCH_INTERVAL);
                Step::Ask
            }
            Phase::Killing { next } if has_exited || *next <= now => Step::Kill,
            Phase::Running | Phase::Grace { .. } | Phase::Killing { .. } => Step::Nothing,
        }
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
