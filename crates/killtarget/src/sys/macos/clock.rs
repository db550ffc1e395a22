//! When processes were started.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::sys::types::StartTime;

/// Now, to compare start times with.
pub(crate) fn start_time_now() -> Option<StartTime> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    StartTime::try_from(since.as_micros()).ok()
}

/// When that was, by the clock on the wall.
pub(super) fn wall(ticks: StartTime) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_micros(ticks))
}

pub(super) fn ticks(seconds: u64, microseconds: u64) -> StartTime {
    seconds.saturating_mul(1_000_000).saturating_add(microseconds)
}
