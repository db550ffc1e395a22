//! Windows has no process groups and no sessions in the sense of Unix.

use crate::pid::Pid;

/// It is in none.
pub(crate) fn group_of(_: Pid) -> Option<Pid> {
    None
}

/// It is in none.
pub(crate) fn session_of(_: Pid) -> Option<Pid> {
    None
}

/// It leads none.
pub(crate) fn may_lead_session(_: Pid) -> bool {
    false
}
