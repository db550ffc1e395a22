//! When processes were started.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970, as `struct proc_bsdinfo` has them.
pub(crate) type Ticks = u64;

/// Now, to compare start times with.
pub(crate) fn moment() -> Option<Ticks> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Ticks::try_from(since.as_micros()).ok()
}

/// When that was, by the clock on the wall.
pub(super) fn wall(ticks: Ticks) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_micros(ticks))
}

pub(super) fn ticks(seconds: u64, microseconds: u64) -> Ticks {
    seconds.saturating_mul(1_000_000).saturating_add(microseconds)
}
