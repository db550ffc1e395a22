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

/// The limit of the age of a reading that stands for now.
const MAX_AGE_OF_NOW: Duration = Duration::from_millis(20);

/// No machine starts a process or thread in a shorter time, with all of its processors.
const MIN_START_INTERVAL: Duration = Duration::from_micros(1);

/// How many numbers a process or thread can keep from reuse: its pid, its group's and its session's.
const NUMBERS_PER_TASK: u64 = 3;

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
    read(|_, age| age <= MAX_AGE).map(|reading| reading.clock)
}

/// Returns whether no pid can have been assigned twice since a moment of [`pid_clock`].
///
/// Pids are assigned in a circle. While fewer processes and threads were started than half of the free pids, the circle is
/// not complete. The starts of the whole machine are at least those of this PID namespace.
///
/// A fork that fails may take a pid and is not counted. It moves the last pid further than the count allows, unless it does
/// so by a whole circle. A privileged process can choose pids (`ns_last_pid`, `set_tid` of `clone3(2)`).
pub(crate) fn pids_not_reused_since(moment: PidClock) -> bool {
    let is_young = |reading: &Reading, age| age <= reading.lifetime().min(MAX_AGE_OF_NOW);
    read(is_young).is_some_and(|reading| is_within_circle(moment, &reading))
}

impl Reading {
    /// Returns how many pids are free at least.
    fn free(&self) -> u64 {
        circle(self.limit).saturating_sub(self.tasks.saturating_mul(NUMBERS_PER_TASK))
    }

    /// Returns for how long the reading can stand for now: half of the free pids last longer.
    fn lifetime(&self) -> Duration {
        let half = u32::try_from(self.free() / 2).unwrap_or(u32::MAX);
        MIN_START_INTERVAL * half
    }
}

/// Returns how many pids there are after they have wrapped around.
fn circle(limit: u64) -> u64 {
    limit.saturating_sub(RESERVED).max(1)
}

/// Returns the last reading if it is young enough, or a new one.
fn read(is_young: impl Fn(&Reading, Duration) -> bool) -> Option<Reading> {
    static LAST: Mutex<Option<(Instant, Reading)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((begin, reading)) = *last
        && is_young(&reading, begin.elapsed())
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

fn is_within_circle(from: PidClock, reading: &Reading) -> bool {
    let Reading { clock: to, limit, tasks } = *reading;
    let Some(started) = to.starts.checked_sub(from.starts) else { return false };
    let circle = circle(limit);
    let moved = (to.last_pid + circle).saturating_sub(from.last_pid) % circle;
    // Numbers in use are skipped.
    let skipped = tasks.saturating_mul(NUMBERS_PER_TASK);
    from.starts > 0 && started < reading.free() / 2 && moved <= started + skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: PidClock = PidClock { starts: 1_000_000, last_pid: 5000 };

    fn reading(starts: u64, last_pid: u64) -> Reading {
        Reading { clock: PidClock { starts, last_pid }, limit: 32_768, tasks: 200 }
    }

    fn is_within(started: u64, last_pid: u64) -> bool {
        is_within_circle(FROM, &reading(FROM.starts + started, last_pid))
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
        assert!(is_within(15_900, 20_900) && !is_within(16_000, 21_000));
        // The whole machine starts more than this namespace.
        assert!(is_within(15_900, 5001));
    }

    #[test]
    fn pids_wrap_around() {
        let from = PidClock { last_pid: 32_000, ..FROM };
        assert!(is_within_circle(from, &reading(FROM.starts + 2000, 1200)));
    }

    #[test]
    fn a_last_pid_that_has_moved_further_than_the_count_is_not_believed() {
        assert!(!is_within(100, 6000));
    }

    #[test]
    fn groups_and_sessions_may_have_numbers_that_no_process_has() {
        let crowded = Reading { tasks: 10_000, ..reading(FROM.starts + 2000, 7000) };
        assert!(!is_within_circle(FROM, &crowded));
        let started_less = PidClock { starts: FROM.starts + 1000, last_pid: 6000 };
        assert!(is_within_circle(FROM, &Reading { clock: started_less, ..crowded }));
    }

    #[test]
    fn a_reading_stands_for_now_while_half_of_the_free_pids_last() {
        assert!(reading(0, 0).lifetime() > Duration::from_millis(15));
        assert!(Reading { limit: 1000, tasks: 100, ..reading(0, 0) }.lifetime() < Duration::from_millis(1));
        assert_eq!(Reading { limit: 400, ..reading(0, 0) }.lifetime(), Duration::ZERO);
    }

    #[test]
    fn a_count_that_cannot_be_is_not_believed() {
        assert!(!is_within_circle(PidClock { starts: 0, ..FROM }, &reading(FROM.starts, FROM.last_pid)));
        assert!(!is_within_circle(FROM, &reading(5, FROM.last_pid)));
    }
}
