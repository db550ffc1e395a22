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
    let is_certain = || has_any(sys::own_pid()) == Some(true);
    is_certain() || {
        make();
        is_certain()
    }
}

/// Returns whether a stop has discarded a SIGCONT of the guard, which had a mark.
pub(crate) fn is_lost(guard: i32) -> bool {
    has_any(guard) == Some(false)
}

/// Returns whether a process has the mark, or a SIGCONT is pending that has discarded it. Returns `None` if that cannot be read.
fn has_any(pid: i32) -> Option<bool> {
    Pending::read(pid).map(|now| now.has(Signal::MARK) || now.has(Signal::CONT))
}
