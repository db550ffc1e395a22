//! Why the end of the command's processes is due after a time.

use crate::{
    arguments::Options,
    common::clock::{Time, now},
};

/// How long the command may take to exit by itself once its standard input has ended, in milliseconds.
const INPUT_GRACE: u32 = 1000;

pub(crate) struct Causes {
    /// Until when the command may run.
    limit: Option<Time>,
    /// When the end of standard input counts as the exit of the host.
    input_end: Option<Time>,
}

/// What is due.
pub(crate) enum Cause {
    Limit,
    InputEnd,
}

impl Causes {
    pub(crate) fn new(options: &Options) -> Self {
        Self { limit: options.timeout.map(|timeout| now().after(timeout)), input_end: None }
    }

    /// The command has exited, and what it has left may go on.
    pub(crate) const fn lift_limit(&mut self) {
        self.limit = None;
    }

    pub(crate) fn note_input_end(&mut self) {
        self.input_end = Some(now().after(INPUT_GRACE));
    }

    /// When to call [`Causes::take`].
    pub(crate) fn due(&self) -> Option<Time> {
        self.limit.into_iter().chain(self.input_end).min()
    }

    /// Takes one that is due now.
    pub(crate) fn take(&mut self) -> Option<Cause> {
        let now = now();
        let is_due = |time: &mut Option<Time>| time.take_if(|time| *time <= now).is_some();
        if is_due(&mut self.input_end) {
            return Some(Cause::InputEnd);
        }
        is_due(&mut self.limit).then_some(Cause::Limit)
    }
}
