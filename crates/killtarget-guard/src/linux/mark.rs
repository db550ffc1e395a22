//! A mark by which it shows that the guard got a SIGCONT.
//!
//! A stop discards a SIGCONT that is pending, and nothing tells of it. So since its last one the guard has a mark: a stop signal that
//! is pending for its first thread. A SIGCONT discards that, and a later stop does not bring it back.

use super::procfs::Pending;
use crate::{sys, types::Signal};

/// Gives this process the mark.
pub(crate) fn make() {
    sys::make_pending(Signal::MARK);
}

/// Gives this process the mark if it has none, as after a SIGCONT that a stop has discarded. Returns whether it has one, or a
/// SIGCONT is pending that has discarded it.
pub(crate) fn renew() -> bool {
    let is_certain = || [Signal::MARK, Signal::CONT].into_iter().any(sys::is_pending);
    // By the fastest call: a SIGCONT that comes after it, and before the mark, is discarded unnoticed.
    is_certain() || {
        make();
        is_certain()
    }
}

/// Returns whether a stop has discarded a SIGCONT of a process that had a mark, by what is pending for it.
pub(crate) fn is_lost(pending: &Pending) -> bool {
    !pending.has(Signal::MARK) && !pending.has(Signal::CONT)
}
