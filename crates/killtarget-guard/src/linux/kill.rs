//! SIGKILL to all that runs below this process.
//!
//! This process is a subreaper, so the orphans of a child that exits become its children. Each round kills and reaps the children,
//! and the next round those that have become children. `waitpid` reports that there are none once nothing is left.
//!
//! A child that was not reaped keeps its pid, so the rounds need neither handles nor verification. Where one process is below
//! another many times, a round for each of them would take long: the exits would not be at the same time.

use super::{depth::kill_with_descendants, procfs::OwnChildren};
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

/// After so many rounds with at most so many children, the rest is taken for a chain. For others the search costs more.
const FLAT_ROUNDS: u32 = 4;
const MAX_CHAINS: u32 = 8;

/// The rounds.
pub(crate) struct Rounds {
    interval: u32,
    count: u32,
}

impl Rounds {
    pub(crate) const fn new() -> Self {
        Self { interval: MIN_INTERVAL, count: 0 }
    }

    /// Does a round. Returns for how many milliseconds to wait for the exit of a child before the next one.
    pub(crate) fn next(&mut self, children: &OwnChildren, has_reaped: bool) -> u32 {
        let mut killed = 0;
        children.each(|pid| {
            let Some(pid) = Pid::new(pid) else { return };
            killed += 1;
            if self.count >= FLAT_ROUNDS && killed <= MAX_CHAINS {
                kill_with_descendants(pid);
            } else {
                // Not permitted for a set-uid program that has taken another user's id.
                let _ = sys::kill(pid, Signal::KILL);
            }
        });
        self.count = if killed <= MAX_CHAINS { self.count.saturating_add(1) } else { 0 };
        self.interval = if has_reaped { MIN_INTERVAL } else { (self.interval * 2).min(MAX_INTERVAL) };
        self.interval
    }
}
