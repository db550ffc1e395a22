//! The end of the command's processes.

use super::{kill::Rounds, polite::Politeness, procfs::OwnChildren};
use crate::{
    arguments::Options,
    common::{
        clock::{Time, now},
        escalation::{Escalation, Step},
    },
    sys::Errno,
    types::End,
};

pub(crate) struct Ending {
    escalation: Escalation,
    politeness: Politeness,
    rounds: Rounds,
}

impl Ending {
    /// Reserves what is needed later.
    pub(crate) fn new(options: &Options) -> Result<Self, Errno> {
        let politeness = Politeness::new(options.kill_signal)?;
        Ok(Self { escalation: Escalation::new(options), politeness, rounds: Rounds::new() })
    }

    pub(crate) const fn has_begun(&self) -> bool {
        self.escalation.has_begun()
    }

    /// Begins, or hurries.
    pub(crate) fn begin(&mut self, end: End) {
        self.escalation.begin(end, now());
    }

    /// Begins as the command has exited.
    pub(crate) fn begin_at_exit(&mut self, end: End) {
        self.escalation.begin_at_exit(end, now());
    }

    /// Records that another process has asked all to exit, and gives them so many milliseconds.
    pub(crate) fn note_asked(&mut self, time: u32) {
        self.escalation.note_asked(now(), time);
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        self.escalation.due()
    }

    /// Does what is due.
    pub(crate) fn advance(&mut self, children: &OwnChildren, has_reaped: bool) {
        let now = now();
        match self.escalation.step(now, has_reaped) {
            Step::Nothing => {}
            Step::Ask => self.politeness.ask(children),
            Step::Kill => self.escalation.kill_again_at(now.after(self.rounds.next(children, has_reaped))),
        }
    }
}
