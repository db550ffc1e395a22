//! Whether a pid can have been assigned twice within some time.

use nix::{errno::Errno, fcntl::AT_FDCWD};

use super::{procfs, spare_fd};
use crate::types::PidClock;

/// The lowest pid after the pids have wrapped around (`RESERVED_PIDS`).
const RESERVED: u64 = 300;

/// Returns how far the kernel has come with the assignment of pids. Returns `None` if it cannot be read.
///
/// # References
/// `proc_stat(5)`: `processes`, which counts all processes and threads that the machine has started. `proc_loadavg(5)`: the
/// pid that this PID namespace has assigned last.
pub(crate) fn pid_clock() -> Option<PidClock> {
    procfs::check().ok()?;
    Some(PidClock { starts: starts()?, last_pid: last_pid()? })
}

/// Returns whether no pid can have been assigned twice since a moment.
///
/// Pids are assigned in a circle. While fewer processes and threads were started than half of the free pids, the circle is
/// not complete. The starts of the whole machine are at least those of this PID namespace.
///
/// A fork that fails may take a pid and is not counted. It moves the last pid further than the count allows, unless it does
/// so by a whole circle. A privileged process can choose pids (`ns_last_pid`, `set_tid` of `clone3(2)`).
///
/// # References
/// `proc_sys_kernel(5)`: `pid_max`. `proc_loadavg(5)`: the number of processes and threads.
pub(crate) fn pids_not_reused_since(moment: PidClock) -> bool {
    let (Some(now), Some(limit), Some(tasks)) = (pid_clock(), limit(), tasks()) else { return false };
    is_within_circle(moment, now, limit, tasks)
}

fn is_within_circle(from: PidClock, to: PidClock, limit: u64, tasks: u64) -> bool {
    let Some(started) = to.starts.checked_sub(from.starts) else { return false };
    let circle = limit.saturating_sub(RESERVED).max(1);
    let free = circle.saturating_sub(tasks);
    let moved = (to.last_pid + circle).saturating_sub(from.last_pid) % circle;
    // Living processes are skipped.
    from.starts > 0 && started < free / 2 && moved <= started + tasks
}

fn starts() -> Option<u64> {
    read("/proc/stat")?.lines().find_map(|line| line.strip_prefix("processes "))?.trim().parse().ok()
}

fn limit() -> Option<u64> {
    read("/proc/sys/kernel/pid_max")?.trim().parse().ok()
}

fn last_pid() -> Option<u64> {
    read("/proc/loadavg")?.split_ascii_whitespace().nth(4)?.parse().ok()
}

fn tasks() -> Option<u64> {
    read("/proc/loadavg")?.split_ascii_whitespace().nth(3)?.split('/').nth(1)?.parse().ok()
}

fn read(path: &str) -> Option<String> {
    let text: Result<Vec<u8>, Errno> = spare_fd::with_spare(|| procfs::read_all(AT_FDCWD, path));
    String::from_utf8(text.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: PidClock = PidClock { starts: 1_000_000, last_pid: 5000 };

    fn is_within(started: u64, last_pid: u64) -> bool {
        is_within_circle(FROM, PidClock { starts: FROM.starts + started, last_pid }, 32_768, 200)
    }

    #[test]
    fn the_files_of_this_kernel_are_read() {
        let clock = pid_clock().unwrap();
        assert!(clock.starts > 0 && clock.last_pid > 0);
        assert!(limit().unwrap() > RESERVED && tasks().unwrap() > 0);
    }

    #[test]
    fn pids_are_not_reused_while_fewer_than_half_of_the_free_ones_were_assigned() {
        assert!(is_within(0, 5000));
        assert!(is_within(16_000, 21_000));
        assert!(!is_within(16_200, 21_200));
        // The whole machine starts more than this namespace.
        assert!(is_within(16_000, 5001));
    }

    #[test]
    fn pids_wrap_around() {
        let from = PidClock { last_pid: 32_000, ..FROM };
        let to = PidClock { starts: FROM.starts + 2000, last_pid: 1200 };
        assert!(is_within_circle(from, to, 32_768, 200));
    }

    #[test]
    fn a_last_pid_that_has_moved_further_than_the_count_is_not_believed() {
        assert!(!is_within(100, 6000));
    }

    #[test]
    fn a_count_that_cannot_be_is_not_believed() {
        assert!(!is_within_circle(PidClock { starts: 0, ..FROM }, FROM, 32_768, 200));
        assert!(!is_within_circle(FROM, PidClock { starts: 5, ..FROM }, 32_768, 200));
    }
}
