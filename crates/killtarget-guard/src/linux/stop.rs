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
    let has_discarded = is_marked && mark::is_lost(guard);
    if has_discarded {
        // Sent after the SIGCONT that was lost: the one of this process discards them.
        let stops =
            Pending::read(guard).map(|pending| Signal::STOPS.map(|stop| pending.has(stop).then_some(stop)));
        handle.wake();
        for stop in stops.into_iter().flatten().flatten() {
            let _ = handle.signal(stop);
        }
    }
    has_discarded
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
