//! How far the end of the command's processes is.

use super::{
    clock::{Time, now},
    kill::Rounds,
    polite::Politeness,
    procfs::OwnChildren,
};
use crate::{
    arguments::Options,
    sys::Errno,
    types::{End, Signal},
};

/// The intervals in milliseconds between searches for processes that were started in the grace period.
const MIN_SEARCH_INTERVAL: u32 = 10;
const MAX_SEARCH_INTERVAL: u32 = 200;

enum Phase {
    Running,
    /// They were asked to exit.
    Grace {
        end: Time,
        next_search: Time,
        interval: u32,
    },
    Killing {
        rounds: Rounds,
        next: Time,
    },
}

pub(crate) struct Ending {
    phase: Phase,
    politeness: Politeness,
    /// The grace period in milliseconds. 0 if the signal that asks to exit is SIGKILL.
    grace: u32,
}

impl Ending {
    /// Reserves what is needed later.
    pub(crate) fn new(options: &Options) -> Result<Self, Errno> {
        let grace = if options.kill_signal == Signal::KILL { 0 } else { options.grace };
        Ok(Self { phase: Phase::Running, politeness: Politeness::new(options.kill_signal)?, grace })
    }

    pub(crate) const fn has_begun(&self) -> bool {
        !matches!(self.phase, Phase::Running)
    }

    /// Begins, or hurries.
    pub(crate) fn begin(&mut self, end: End) {
        let is_polite = end == End::Terminate && self.grace > 0;
        match self.phase {
            Phase::Running if is_polite => {
                let now = now();
                let end = now.after(self.grace);
                self.phase = Phase::Grace { end, next_search: now, interval: MIN_SEARCH_INTERVAL };
            }
            Phase::Grace { .. } if is_polite => {}
            Phase::Killing { .. } => {}
            Phase::Running | Phase::Grace { .. } => {
                self.phase = Phase::Killing { rounds: Rounds::new(), next: now() };
            }
        }
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        match &self.phase {
            Phase::Running => None,
            Phase::Grace { end, next_search, .. } => Some(*end.min(next_search)),
            Phase::Killing { next, .. } => Some(*next),
        }
    }

    /// Does what is due.
    pub(crate) fn advance(&mut self, children: &OwnChildren, has_reaped: bool) {
        let now = now();
        match &mut self.phase {
            Phase::Running => {}
            Phase::Grace { end, .. } if *end <= now => self.begin(End::Kill),
            Phase::Grace { next_search, interval, .. } => {
                if *next_search <= now {
                    self.politeness.ask(children);
                    *next_search = now.after(*interval);
                    *interval = (*interval * 2).min(MAX_SEARCH_INTERVAL);
                }
            }
            Phase::Killing { rounds, next } => {
                if has_reaped || *next <= now {
                    *next = now.after(rounds.next(children, has_reaped));
                }
            }
        }
    }
}
