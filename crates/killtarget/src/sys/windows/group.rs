//! Windows has no process groups and no sessions in the sense of Unix.

use super::{errno, handle::Handle};
use crate::{
    sys::types::IdOwner,
    types::{Delivery, Error, Pid, Signal},
};

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

impl Handle {
    /// # Errors
    /// [`Error::Os`]: `ENOSYS`. There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn signal_group(&self, _: Signal) -> Result<Delivery, Error> {
        Err(errno::unsupported("killpg"))
    }

    /// Nothing is signalled at all.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn group_race_free(&self) -> bool {
        true
    }

    /// There is none that could be its own.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // as on other systems
    pub(crate) fn group_owner(&self) -> Result<IdOwner, Error> {
        Ok(IdOwner::Reused)
    }

    /// As [`Handle::group_owner`].
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // as on other systems
    pub(crate) fn session_owner(&self) -> Result<IdOwner, Error> {
        Ok(IdOwner::Reused)
    }
}
