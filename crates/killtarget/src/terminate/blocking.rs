//! A termination in the calling thread, without a worker thread.

use std::time::{Duration, Instant};

use super::{
    run::{self, TerminationRun, Turn},
    turn::turn,
    worker,
};
use crate::sys;

/// The first interval between polls of processes that send no exit event.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(1);

pub(super) fn carry_out(mut run: TerminationRun) {
    let mut pause = MIN_POLL_INTERVAL;
    let flushes = worker::flushes();
    loop {
        turn(&mut [&mut run]);
        let Turn::Wait(until) = run.next() else { return };
        // Another thread may be ending this process, and wait for this one.
        let soon = Instant::now() + run::MAX_POLL_INTERVAL;
        let until = Some(until.map_or(soon, |until| until.min(soon)));
        // A sweep scans at its own times and records exits then. An exit must not wake it early.
        let needs_exits = !run.has_sweep();
        let handles =
            run.members.awaited().filter(|_| needs_exits).filter_map(|member| member.target.handle());
        sys::wait_for_any(handles, until, pause);
        pause = (pause * 2).min(run::MAX_POLL_INTERVAL);
        if worker::flushes() != flushes {
            run.force(None);
        }
    }
}
