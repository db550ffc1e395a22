//! A termination that the calling thread carries out, without another thread.

use std::time::{Duration, Instant};

use super::{
    run::{self, TerminationRun, Turn},
    turn::turn,
    worker,
};
use crate::sys;

/// Between two looks at processes that can't be waited for.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(1);

pub(super) fn carry_out(mut run: TerminationRun) {
    let mut pause = MIN_POLL_INTERVAL;
    let flushes = worker::flushes();
    loop {
        turn(&mut [&mut run]);
        let Turn::Wait(until) = run.next() else { return };
        // Another thread may end this process meanwhile, and wait for this one.
        let soon = Instant::now() + run::MAX_POLL_INTERVAL;
        let until = Some(until.map_or(soon, |until| until.min(soon)));
        // Who has ended is not taken note of before the next look.
        let awaits = !run.has_sweep();
        let handles = run.members.awaited().filter(|_| awaits).filter_map(|member| member.target.handle());
        sys::wait_for_any(handles, until, pause);
        pause = (pause * 2).min(run::MAX_POLL_INTERVAL);
        if worker::flushes() != flushes {
            run.force(None);
        }
    }
}
