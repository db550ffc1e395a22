//! The clock that start times are read from.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use windows_sys::Win32::{Foundation::FILETIME, System::SystemInformation::GetSystemTimePreciseAsFileTime};

use crate::sys::types::StartTime;

/// How many of them come before 1970.
const UNIX_EPOCH_TICKS: StartTime = 116_444_736_000_000_000;

/// By which the clock goes on that start times are taken from, at most: 15.625 ms. (`GetSystemTimeAdjustment`)
pub(super) const TICK: StartTime = 156_250;

/// Now, to compare start times with.
#[allow(clippy::unnecessary_wraps)] // other systems may have no such clock
pub(crate) fn start_time_now() -> Option<StartTime> {
    let mut now = FILETIME::default();
    // SAFETY: writes the time to the pointer, which is good for one.
    unsafe { GetSystemTimePreciseAsFileTime(&raw mut now) };
    Some(ticks(now))
}

/// When that was, by the clock on the wall.
pub(super) fn wall(ticks: StartTime) -> Option<SystemTime> {
    let since = ticks.checked_sub(UNIX_EPOCH_TICKS)?;
    UNIX_EPOCH.checked_add(Duration::from_micros(since / 10))
}

pub(super) fn ticks(time: FILETIME) -> StartTime {
    StartTime::from(time.dwHighDateTime) << 32 | StartTime::from(time.dwLowDateTime)
}
