//! The clock of the start times: 100 ns since 1601.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use windows_sys::Win32::{Foundation::FILETIME, System::SystemInformation::GetSystemTimePreciseAsFileTime};

use crate::sys::types::StartTime;

/// 1970, as a start time.
const UNIX_EPOCH_START_TIME: StartTime = 116_444_736_000_000_000;

/// The longest step of the clock that stamps start times, and more: 15.625 ms. (`GetSystemTimeAdjustment`)
pub(crate) const START_TIME_STEP: StartTime = 156_251;

/// Returns the current time in the unit of the start times.
#[allow(clippy::unnecessary_wraps)] // the same signature on every platform
pub(crate) fn start_time_now() -> Option<StartTime> {
    let mut now = FILETIME::default();
    // SAFETY: the pointer is to a writable FILETIME.
    unsafe { GetSystemTimePreciseAsFileTime(&raw mut now) };
    Some(from_filetime(now))
}

/// Converts a start time to wall-clock time.
pub(super) fn system_time(start_time: StartTime) -> Option<SystemTime> {
    let since_epoch = start_time.checked_sub(UNIX_EPOCH_START_TIME)?;
    UNIX_EPOCH.checked_add(Duration::from_micros(since_epoch / 10))
}

/// Converts the two halves of a `FILETIME` to a start time.
pub(super) fn from_filetime(time: FILETIME) -> StartTime {
    StartTime::from(time.dwHighDateTime) << 32 | StartTime::from(time.dwLowDateTime)
}
