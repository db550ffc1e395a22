//! The clock of the start times: microseconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::sys::types::StartTime;

/// Returns the current time in the unit of the start times. Returns `None` if the clock is set before 1970.
pub(crate) fn start_time_now() -> Option<StartTime> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    StartTime::try_from(since_epoch.as_micros()).ok()
}

/// Converts a start time to wall-clock time.
pub(super) fn system_time(start_time: StartTime) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_micros(start_time))
}

/// Converts the two fields of `proc_bsdinfo` to a start time.
pub(super) fn from_timeval(seconds: u64, microseconds: u64) -> StartTime {
    seconds.saturating_mul(1_000_000).saturating_add(microseconds)
}
