//! What was passed on to the command and may reach it late.
//!
//! A stop and a SIGCONT undo each other. One to the group reaches the command at once, and may overtake one that is passed on. So
//! until the keeper has told that the command has that, the group's is passed on as well: what was sent last counts.

use crate::types::Signal;

#[derive(Default)]
pub(crate) struct InTransit {
    /// The last stop or SIGCONT that was passed on.
    last: Option<Signal>,
    /// How many signals the command may not have yet.
    count: usize,
}

impl InTransit {
    /// Takes note of a signal that is passed on.
    pub(crate) fn note(&mut self, signal: Signal) {
        self.count += 1;
        if !signal.discards().is_empty() {
            self.last = Some(signal);
        }
    }

    /// The command has the first of them.
    pub(crate) const fn note_delivered(&mut self) {
        self.count = self.count.saturating_sub(1);
    }

    /// Returns whether the command has all. What the group gets from now on comes after that.
    pub(crate) const fn is_over(&self) -> bool {
        self.last.is_some() && self.count == 0
    }

    /// Forgets what the command has. All signals that came before that must have been treated.
    pub(crate) const fn forget_delivered(&mut self) {
        if self.count == 0 {
            self.last = None;
        }
    }

    /// Returns whether the group's signal may have overtaken one that it undoes.
    pub(crate) fn may_undo(&self, signal: Signal) -> bool {
        self.last.is_some_and(|last| signal.discards().contains(&last))
    }
}
