//! The stop of the guard by another process, and its end.
//!
//! A stop discards a SIGCONT that is pending, and nothing tells of it. So since its last SIGCONT the guard has a mark: a stop signal
//! that is pending for its first thread. A SIGCONT discards that, and a later stop does not bring it back.

use super::procfs::{Pending, Stat};
use crate::{
    sys::{self, Handle},
    types::Signal,
};

/// Stops the guard, which must be this process's parent, and must read no signals meanwhile: the stop would keep what it has in
/// hand. Returns whether that has discarded a SIGCONT. If so, the guard is continued.
pub(crate) fn stop(guard: i32, handle: &Handle) -> bool {
    if sys::parent_pid() != guard || handle.signal(Signal::STOP).is_err() {
        return false;
    }
    let has_discarded =
        Pending::read(guard).is_some_and(|pending| !pending.has(Signal::MARK) && !pending.has(Signal::CONT));
    if has_discarded {
        handle.wake();
    }
    has_discarded
}

/// Continues the guard, which must be this process's parent, if it is stopped. Another SIGCONT would only cost it its mark.
pub(crate) fn wake(guard: i32, handle: &Handle) {
    if sys::parent_pid() == guard && Stat::read(guard).is_none_or(|stat| stat.is_stopped()) {
        handle.wake();
    }
}
