//! Whether a pid can have been assigned twice within some time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    last_pid::{load, text},
    procfs,
};
use crate::types::PidClock;

/// The lowest pid after the pids have wrapped around (`RESERVED_PIDS`).
const RESERVED: u64 = 300;

/// The limit of the age of a reading that stands for an earlier moment.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The limit of the age of a reading that stands for now. Half of the free pids last longer than that.
const MAX_AGE_OF_NOW: Duration = Duration::from_millis(20);

/// What `/proc` says of the assignment of pids.
#[derive(Debug, Clone, Copy)]
struct Reading {
    clock: PidClock,
    limit: u64,
    tasks: u64,
}

/// Returns how far the kernel had come with the assignment of pids, a second ago at most. Returns `None` if it cannot be
/// read.
///
/// # References
/// `proc_stat(5)`: `processes`, which counts all processes and threads that the machine has started. `proc_loadavg(5)`: the
/// pid that this PID namespace has assigned last, and the number of processes and threads. `proc_sys_kernel(5)`: `pid_max`.
pub(crate) fn pid_clock() -> Option<PidClock> {
    read(MAX_AGE).map(|reading| reading.clock)
}

/// Returns whether no pid can have been assigned twice since a moment of [`pid_clock`].
///
/// Pids are assigned in a circle. While fewer processes and threads were started than half of the free pids, the circle is
/// not complete. The starts of the whole machine are at least those of this PID namespace.
///
/// A fork that fails may take a pid and is not counted. It moves the last pid further than the count allows, unless it does
/// so by a whole circle. A privileged process can choose pids (`ns_last_pid`, `set_tid` of `clone3(2)`).
pub(crate) fn pids_not_reused_since(moment: PidClock) -> bool {
    read(MAX_AGE_OF_NOW)
        .is_some_and(|Reading { clock, limit, tasks }| is_within_circle(moment, clock, limit, tasks))
}

/// Returns the last reading if it is young enough, or a new one.
fn read(max_age: Duration) -> Option<Reading> {
    static LAST: Mutex<Option<(Instant, Reading)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((read, reading)) = *last
        && read.elapsed() <= max_age
    {
        return Some(reading);
    }
    let begin = Instant::now();
    let reading = read_now()?;
    *last = Some((begin, reading));
    Some(reading)
}

fn read_now() -> Option<Reading> {
    procfs::check().ok()?;
    let (load, stat, limit) = (load()?, text("stat")?, text("sys/kernel/pid_max")?);
    let last_pid = u64::try_from(load.last_pid.as_raw()).ok()?;
    let starts = stat.lines().find_map(|line| line.strip_prefix("processes "))?.trim().parse().ok()?;
    Some(Reading {
        clock: PidClock { starts, last_pid },
        limit: limit.trim().parse().ok()?,
        tasks: load.tasks,
    })
}

fn is_within_circle(from: PidClock, to: PidClock, limit: u64, tasks: u64) -> bool {
    let Some(started) = to.starts.checked_sub(from.starts) else { return false };
    let circle = limit.saturating_sub(RESERVED).max(1);
    let free = circle.saturating_sub(tasks);
    let moved = (to.last_pid + circle).saturating_sub(from.last_pid) % circle;
    // Living processes are skipped.
    from.starts > 0 && started < free / 2 && moved <= started + tasks
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
        let Reading { clock, limit, tasks } = read_now().unwrap();
        assert!(clock.starts > 0 && clock.last_pid > 0);
        assert!(limit > RESERVED && tasks > 0);
    }

    #[test]
    fn a_later_moment_is_never_before_an_earlier_one() {
        let earlier = pid_clock().unwrap();
        std::process::Command::new("true").status().unwrap();
        assert!(pids_not_reused_since(earlier));
        assert!(pid_clock().unwrap().starts >= earlier.starts);
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
