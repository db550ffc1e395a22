//! Which processes were started before a moment.

use crate::{
    arguments::number,
    sys::{self, Zero},
};

/// Half of the smallest usual `pid_max`.
const HALF: i32 = 1 << 14;

/// A moment, in the terms in which the kernel tells when a process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The start time that a process would have had.
    ticks: u64,
    /// The pid that was assigned last, to a process or a thread. 0 if that cannot be read.
    last_pid: i32,
}

impl Zero for Moment {}

impl Moment {
    /// All processes were started after this moment.
    pub(crate) const FIRST: Self = Self { ticks: 0, last_pid: 0 };

    /// All processes were started before this moment.
    pub(crate) const LAST: Self = Self { ticks: u64::MAX, last_pid: 0 };

    pub(crate) fn now() -> Self {
        let mut buffer = [0; 128];
        let text = sys::read_start(c"/proc/loadavg", &mut buffer).unwrap_or_default();
        Self { ticks: sys::ticks_since_boot(), last_pid: last_pid(text).unwrap_or(0) }
    }

    /// Returns whether a process was started before this moment, as far as is known.
    ///
    /// Many processes may be started within one tick. Then the order of their pids decides, which are assigned in a circle.
    pub(crate) const fn is_after_start(self, start: u64, pid: i32) -> bool {
        if start != self.ticks {
            return start < self.ticks;
        }
        let distance = self.last_pid - pid;
        self.last_pid != 0 && (distance >= 0 && distance < HALF || distance < -HALF)
    }
}

/// The fifth field of `proc_loadavg(5)`.
fn last_pid(text: &[u8]) -> Option<i32> {
    let field = text.trim_ascii_end().rsplit(|byte| *byte == b' ').next()?;
    i32::try_from(number(field)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::procfs::Stat;

    #[test]
    fn the_start_time_decides_and_within_one_tick_the_order_of_pids() {
        let moment = Moment { ticks: 100, last_pid: 500 };
        for (start, pid, is_before) in [
            (99, 501, true),
            (101, 499, false),
            (100, 500, true),
            (100, 499, true),
            (100, 501, false),
            (100, 32_767, true),
        ] {
            assert_eq!(moment.is_after_start(start, pid), is_before, "{start} {pid}");
        }
        let unknown = Moment { last_pid: 0, ..moment };
        assert!(!unknown.is_after_start(100, 1) && unknown.is_after_start(99, 1));
    }

    #[test]
    fn the_last_pid_is_the_last_field() {
        assert_eq!(last_pid(b"0.20 0.18 0.12 1/80 11206\n"), Some(11206));
        assert_eq!(last_pid(b""), None);
    }

    #[test]
    fn a_child_was_started_between_the_moments_around_it() {
        let before = Moment::now();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let after = Moment::now();
        let pid = i32::try_from(child.id()).unwrap();
        let start = Stat::read(pid).unwrap().start;
        assert!(!before.is_after_start(start, pid), "{before:?} {start} {pid}");
        assert!(after.is_after_start(start, pid), "{after:?} {start} {pid}");
        child.wait().unwrap();
    }
}
