//! The clock that start times are read from.

use std::time::Duration;

use nix::{
    errno::Errno,
    time::{ClockId, clock_gettime},
    unistd::{SysconfVar, sysconf},
};

/// A count of clock ticks (10 ms each, as a rule) since the machine was booted.
pub(super) type Ticks = u64;

const NANOS: u64 = 1_000_000_000;

/// Now, in the unit and from the origin of field 22 of `/proc/PID/stat`.
pub(super) fn now() -> Result<Ticks, Errno> {
    let now = clock_gettime(ClockId::CLOCK_BOOTTIME)?;
    let nanos = u64::try_from(now.tv_sec()).unwrap_or(0) * NANOS + u64::try_from(now.tv_nsec()).unwrap_or(0);
    Ok(nanos / tick_nanos())
}

/// How long a tick is.
pub(super) fn tick() -> Duration {
    Duration::from_nanos(tick_nanos())
}

fn tick_nanos() -> u64 {
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|n| u64::try_from(n).ok());
    NANOS / per_second.filter(|n| *n > 0).unwrap_or(100)
}
