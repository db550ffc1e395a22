//! The types that every platform answers with.

#![allow(dead_code)] // no platform uses all of them

use crate::types::{Containment, Pid};

/// Says whether a group, session or child that carries a process's pid belongs to that process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdOwner {
    /// It belongs to that process, which may have exited.
    Original,
    /// It belongs to another process, which had the pid before or has it now.
    Reused,
    /// The owner cannot be determined.
    Unknown,
}

/// The system refuses to tell the session or group of a process that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The run state of a process or thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RunState {
    /// It runs no code until it is continued, or it has exited.
    Stopped,
    /// It is in a tracing stop (t). It runs no code until its tracer continues it. A tracer can discard a SIGSTOP.
    Traced,
    /// It waits uninterruptibly in the kernel (D). A pending stop takes effect before it runs any other code.
    Uninterruptible,
    Running,
}

/// Which processes this process can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    All,
    /// Other processes may be hidden. Usually these belong to other users.
    Own,
    None,
}

/// How a guard treats what it has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GuardOptions {
    pub(crate) containment: Containment,
    /// Whether the guard exits with the command, and its keeper goes on.
    pub(crate) keeps: bool,
    /// Whether the guard exits with the command, and leaves the others alone.
    pub(crate) leaves: bool,
    /// Whether the guard leaves all alone once its host has exited.
    pub(crate) leaves_orphans: bool,
}

/// When a process was started, in the unit of the system. Linux: clock ticks since boot. macOS: microseconds since
/// 1970. Windows: 100 ns since 1601.
pub(crate) type StartTime = u64;

/// A moment that a process was started before, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The start time that a process would have had at that moment. `None` if there is no such clock.
    pub(crate) time: Option<StartTime>,
    /// The last pid that was assigned by then, to a process or a thread. `None` if the system does not tell.
    pub(crate) last_pid: Option<Pid>,
}

impl Moment {
    /// Returns whether a process was started before this moment, as far as is known.
    ///
    /// Many processes may be started within one tick of the clock. Then the order of their pids decides: pids are
    /// assigned in a circle.
    pub(crate) fn is_after_start(self, started: StartTime, pid: Pid) -> bool {
        match self.time {
            Some(time) if started != time => started < time,
            _ => self.last_pid.is_some_and(|last| is_no_later(pid, last)),
        }
    }
}

/// Returns whether a pid was assigned no later than another one, if both were assigned within a short time.
fn is_no_later(pid: Pid, last: Pid) -> bool {
    // Half of the smallest usual `pid_max`.
    const HALF: i32 = 1 << 14;
    match last.as_raw() - pid.as_raw() {
        distance if distance >= 0 => distance < HALF,
        distance => distance < -HALF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(time: Option<StartTime>, last_pid: Option<i32>) -> Moment {
        Moment { time, last_pid: last_pid.map(|pid| Pid::new(pid).unwrap()) }
    }

    fn is_after(moment: Moment, started: StartTime, pid: i32) -> bool {
        moment.is_after_start(started, Pid::new(pid).unwrap())
    }

    #[test]
    fn the_start_time_decides_if_it_differs() {
        let moment = moment(Some(100), Some(500));
        assert!(is_after(moment, 99, 501));
        assert!(!is_after(moment, 101, 499));
    }

    #[test]
    fn the_order_of_pids_decides_within_one_tick() {
        for time in [Some(100), None] {
            let moment = moment(time, Some(500));
            assert!(is_after(moment, 100, 500) && is_after(moment, 100, 499));
            assert!(!is_after(moment, 100, 501));
        }
    }

    #[test]
    fn pids_wrap_around() {
        assert!(!is_after(moment(Some(100), Some(32_700)), 100, 301));
        assert!(is_after(moment(Some(100), Some(301)), 100, 32_700));
        assert!(!is_after(moment(Some(100), Some(4_194_300)), 100, 301));
        assert!(is_after(moment(Some(100), Some(301)), 100, 4_194_300));
    }

    #[test]
    fn a_process_of_the_same_tick_counts_as_later_without_a_last_pid() {
        assert!(!is_after(moment(Some(100), None), 100, 500));
        assert!(!is_after(moment(None, None), 100, 500));
    }
}
