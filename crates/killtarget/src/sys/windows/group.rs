//! Process groups and sessions, which Windows does not have.

use super::{errno, handle::Handle};
use crate::{
    sys::types::{IdOwner, Unreadable},
    types::{Delivery, Error, Pid, Signal},
};

/// Returns false: no call tells by a pid alone. Only the search for orphans by session asks, and there are no sessions.
pub(crate) fn has_process(_: Pid) -> bool {
    false
}

/// Returns `None`: Windows has no process groups.
#[allow(clippy::unnecessary_wraps)] // elsewhere it can fail
pub(crate) fn read_group(_: Pid) -> Result<Option<Pid>, Unreadable> {
    Ok(None)
}

/// Returns `None`: Windows has no sessions as Unix has them.
#[allow(clippy::unnecessary_wraps)] // elsewhere it can fail
pub(crate) fn read_session(_: Pid) -> Result<Option<Pid>, Unreadable> {
    Ok(None)
}

/// Returns false: Windows has no process groups.
pub(crate) fn may_be_in_group(_: Pid, _: Pid) -> bool {
    false
}

/// Returns false: Windows has no sessions as Unix has them.
pub(crate) fn may_be_in_session(_: Pid, _: Pid) -> bool {
    false
}

/// Returns false: Windows has no sessions as Unix has them.
pub(crate) fn may_lead_session(_: Pid) -> bool {
    false
}

impl Handle {
    /// Sends nothing.
    ///
    /// # Errors
    /// [`Error::Os`]: always `ENOSYS`.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn signal_group(&self, _: Signal) -> Result<Delivery, Error> {
        Err(errno::unsupported("killpg"))
    }

    /// Returns true: [`Handle::signal_group`] sends nothing.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn group_race_free(&self) -> bool {
        true
    }

    /// Returns `Reused`: no group belongs to the process.
    ///
    /// # Errors
    /// None on Windows.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn group_owner(&self) -> Result<IdOwner, Error> {
        Ok(IdOwner::Reused)
    }

    /// Returns `Reused`: no session belongs to the process.
    ///
    /// # Errors
    /// None on Windows.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn session_owner(&self) -> Result<IdOwner, Error> {
        Ok(IdOwner::Reused)
    }

    /// Returns whether the session or group that this process leads or led is known to have members.
    pub(crate) fn leads_others(&self) -> bool {
        self.session_owner() == Ok(IdOwner::Original)
    }
}
