//! The time.

/// Returns the milliseconds since an arbitrary moment. Nobody sets this clock.
///
/// # References
/// `clock_gettime`(2)
pub(crate) fn monotonic_milliseconds() -> u64 {
    read(libc::CLOCK_MONOTONIC, 1000)
}

/// Returns the clock ticks since the boot, in which `/proc/PID/stat` gives start times.
///
/// # References
/// `clock_gettime`(2), `proc_pid_stat(5)`: field 22
#[cfg(target_os = "linux")]
pub(crate) fn ticks_since_boot() -> u64 {
    /// `USER_HZ`, on every processor that this program is built for.
    const TICKS: u64 = 100;
    read(libc::CLOCK_BOOTTIME, TICKS)
}

/// Reads a clock, in units of which a second has so many.
fn read(clock: libc::clockid_t, units: u64) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is valid. The clock exists in every kernel.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    let part = nanoseconds.unwrap_or(0) / (1_000_000_000 / units);
    seconds.unwrap_or(0).saturating_mul(units).saturating_add(part)
}
