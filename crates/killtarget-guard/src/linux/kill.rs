//! SIGKILL to all that runs below this process.
//!
//! This process is a subreaper, so the orphans of a child that exits become its children. Each round kills and reaps the children,
//! and the next round those that have become children. `waitpid` reports that there are none once nothing is left.
//!
//! A child that was not reaped keeps its pid, so the rounds need neither handles nor verification.

use super::procfs::OwnChildren;
use crate::{
    sys,
    types::{Pid, Signal},
};

/// The intervals between rounds in milliseconds, if no child exits. A process that may not be signalled, or is in the kernel,
/// must not cost processor time.
const MIN_INTERVAL: u32 = 1;
const MAX_INTERVAL: u32 = 500;

/// How many children are reaped before anything else is looked at. Forks without pause must not keep a guard from its work.
pub(crate) const MAX_REAPED: usize = 1 << 14;

/// The rounds.
pub(crate) struct Rounds {
    interval: u32,
}

impl Rounds {
    pub(crate) const fn new() -> Self {
        Self { interval: MIN_INTERVAL }
    }

    /// Does a round. Returns for how many milliseconds to wait for the exit of a child before the next one.
    pub(crate) fn next(&mut self, children: &OwnChildren, has_reaped: bool) -> u32 {
        children.each(|pid| {
            if let Some(pid) = Pid::new(pid) {
                // Not permitted for a set-uid program that has taken another user's id.
                let _ = sys::kill(pid, Signal::KILL);
            }
        });
        self.interval = if has_reaped { MIN_INTERVAL } else { (self.interval * 2).min(MAX_INTERVAL) };
        self.interval
    }
}
