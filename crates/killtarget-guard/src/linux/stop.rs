//! The stop of the guard by another process, and its end. The guard must be the parent of that process.

use super::{
    mark,
    procfs::{Pending, Stat},
};
use crate::{
    sys::{self, Handle},
    types::Signal,
};

/// Stops the guard, which must read no signals meanwhile: the stop would keep what it has in hand. `is_marked`: whether it has a
/// mark. Returns whether the stop has discarded a SIGCONT. If so, the guard is continued.
pub(crate) fn stop(guard: i32, handle: &Handle, is_marked: bool) -> bool {
    if sys::parent_pid() != guard || handle.signal(Signal::STOP).is_err() {
        return false;
    }
    let Some(pending) = Pending::read(guard).filter(|pending| is_marked && mark::is_lost(pending)) else {
        return false;
    };
    handle.wake();
    // They came after the SIGCONT that was lost. The one of this process has discarded them.
    for stop in Signal::STOPS.into_iter().filter(|stop| pending.has(*stop)) {
        let _ = handle.signal(stop);
    }
    true
}

/// Continues the guard if it is stopped. Another SIGCONT would only cost it its mark.
pub(crate) fn wake(guard: i32, handle: &Handle) {
    // Until it acts on a stop, that is pending. This is read first: a stop that is no longer pending shows in the state.
    let will_stop = || Pending::read(guard).is_none_or(|pending| pending.has(Signal::STOP));
    let is_stopped = || Stat::read(guard).is_none_or(|stat| !stat.may_run());
    if sys::parent_pid() == guard && (will_stop() || is_stopped()) {
        handle.wake();
    }
}
