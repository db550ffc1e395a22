//! The clock of start times.

use std::time::{Duration, SystemTime};

use nix::{
    errno::Errno,
    time::{ClockId, clock_gettime},
    unistd::{SysconfVar, sysconf},
};

use crate::sys::types::StartTime;

const NANOS: u64 = 1_000_000_000;

/// Returns the current time, as field 22 of `/proc/PID/stat` would give it.
///
/// # References
/// `proc_pid_stat(5)`: `starttime`, in clock ticks since boot.
pub(super) fn now() -> Result<StartTime, Errno> {
    Ok(nanos()? / tick_nanos())
}

/// Returns the start time of a process that starts now. Returns `None` if the system has no such clock.
pub(crate) fn start_time_now() -> Option<StartTime> {
    now().ok()
}

/// Returns how long ago a process was started, to a clock tick.
pub(super) fn age(started: StartTime) -> Option<Duration> {
    let ticks = now().ok()?.saturating_sub(started);
    Some(Duration::from_nanos(ticks.saturating_mul(tick_nanos())))
}

/// Converts a start time to wall-clock time, by the current setting of that clock.
pub(super) fn wall_clock_time(ticks: StartTime) -> Option<SystemTime> {
    // The thread may be suspended between the two clocks.
    const TRIES: usize = 5;
    const CLOSE: u64 = NANOS / 1000;
    let mut closest: Option<(u64, u64, SystemTime)> = None;
    for _ in 0..TRIES {
        let (before, wall_clock, after) = (nanos().ok()?, SystemTime::now(), nanos().ok()?);
        let distance = after.saturating_sub(before);
        if closest.is_none_or(|(known, ..)| distance < known) {
            closest = Some((distance, before, wall_clock));
        }
        if distance < CLOSE {
            break;
        }
    }
    let (_, now, wall_clock) = closest?;
    let ago = now.checked_sub(ticks.checked_mul(tick_nanos())?)?;
    wall_clock.checked_sub(Duration::from_nanos(ago))
}

fn nanos() -> Result<u64, Errno> {
    let now = clock_gettime(ClockId::CLOCK_BOOTTIME)?;
    Ok(u64::try_from(now.tv_sec()).unwrap_or(0) * NANOS + u64::try_from(now.tv_nsec()).unwrap_or(0))
}

/// Returns the length of a clock tick.
pub(super) fn tick() -> Duration {
    Duration::from_nanos(tick_nanos())
}

fn tick_nanos() -> u64 {
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|n| u64::try_from(n).ok());
    NANOS / per_second.filter(|n| *n > 0).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_time_is_the_same_wall_clock_time_at_each_conversion() {
        let ticks = now().unwrap();
        let first = wall_clock_time(ticks).unwrap();
        for _ in 0..10_000 {
            let again = wall_clock_time(ticks).unwrap();
            let difference = again.duration_since(first).unwrap_or_else(|error| error.duration());
            assert!(difference < tick(), "{difference:?}");
        }
    }
}
