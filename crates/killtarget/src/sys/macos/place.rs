//! Where a pid and a unique id mean one process: the boot of the machine.

use super::sysctl;
use crate::{sys::types::StartTime, types::Place};

/// Returns where the pids of this process are valid. Returns `None` if that cannot be read.
pub(crate) fn place() -> Option<Place> {
    // The system writes capital letters.
    let boot = Place::boot_of(&sysctl::boot_session()?.to_ascii_lowercase())?;
    Some(Place { boot, namespace: 0, clock: 0 })
}

/// Returns 0: there is one namespace in each boot.
#[allow(clippy::unnecessary_wraps)] // on Linux it may not be known
pub(crate) fn namespace_started() -> Option<StartTime> {
    Some(0)
}
