//! Whether an exit status that the kernel reports is that of the process, and not of its first thread.
//!
//! Before Linux 5.17, `waitid(2)` with `WNOWAIT` and `/proc/PID/stat` report how the first thread of a zombie has exited. It
//! may have exited before the others, and with another status.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::{procfs, version::version};
use crate::types::{Exit, Pid};

/// The first kernel that reports the status of the process.
const FIXED_IN: (u32, u32) = (5, 17);

/// A time that is a multiple of this, in nanoseconds, may come from a clock that is too coarse to see a short thread.
const COARSE: u64 = 1_000_000;

/// How often the times of a process that is still exiting are read.
const MAX_READS: usize = 4;

/// Returns whether the reported status may be that of the first thread alone.
pub(super) fn may_have_status(exit: Exit) -> bool {
    !is_fixed() && !ends_all_threads(exit)
}

/// A fatal signal ends all threads at once, so the first has the status of all. A seccomp filter can end one thread
/// (`SECCOMP_RET_KILL_THREAD`, SIGSYS).
fn ends_all_threads(exit: Exit) -> bool {
    matches!(exit, Exit::Signal(signal) if signal.as_raw() != libc::SIGSYS)
}

fn is_fixed() -> bool {
    version().is_some_and(|version| version >= FIXED_IN)
}

/// Returns whether the zombie certainly never had another thread: the first one has used all of its processor time.
pub(super) fn had_one_thread(pid: Pid) -> bool {
    let times = || Some((first_thread_time(pid)?, process_time(pid)?, first_thread_time(pid)?));
    for _ in 0..MAX_READS {
        let Some((before, process, after)) = times() else { return false };
        if before == after {
            return process == before && !before.is_multiple_of(COARSE);
        }
    }
    false
}

/// Returns the processor time of all threads that the process has had, in nanoseconds.
///
/// # References
/// `clock_getcpuclockid(3)`. The kernel adds up the same times as in `/proc/PID/schedstat`.
fn process_time(pid: Pid) -> Option<u64> {
    /// `CPUCLOCK_SCHED` of the process. `include/linux/posix-timers.h`
    const CPUCLOCK_SCHED: libc::clockid_t = 2;
    let time = clock_gettime(ClockId::from_raw(!pid.as_raw() << 3 | CPUCLOCK_SCHED)).ok()?;
    u64::try_from(Duration::from(time).as_nanos()).ok()
}

/// Returns the processor time of the first thread, in nanoseconds. A thread always uses some.
///
/// # References
/// `/proc/PID/schedstat`, with `CONFIG_SCHED_INFO`.
fn first_thread_time(pid: Pid) -> Option<u64> {
    let text = procfs::by_pid(pid).ok()?.read_file("schedstat").ok()??;
    std::str::from_utf8(&text).ok()?.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::{
        sys::unix::process::{self, Child},
        types::Signal,
    };

    /// Runs a program, and asks while it is a zombie.
    fn zombie<T>(program: &mut Command, ask: impl Fn(Pid) -> T) -> T {
        let mut child = program.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let pid = Pid::from_raw(child.id()).unwrap();
        while process::child(libc::P_PID, child.id()).unwrap() == Child::Running {
            std::thread::yield_now();
        }
        let answer = ask(pid);
        child.wait().unwrap();
        answer
    }

    #[test]
    fn a_process_that_has_had_one_thread_is_told_from_others() {
        if std::env::var_os("QEMU_LD_PREFIX").is_some() {
            return; // qemu runs each program beside a thread of its own.
        }
        let sample = zombie(&mut Command::new("true"), process_time).unwrap();
        if sample.is_multiple_of(COARSE) {
            return assert!(!zombie(&mut Command::new("true"), had_one_thread));
        }
        assert!(zombie(Command::new("sh").args(["-c", "exit 7"]), had_one_thread));
        // This program runs each test in a thread.
        let test = "sys::linux::first_thread::tests::only_a_fatal_signal_shows_that_all_threads_have_ended";
        let mut with_threads = Command::new(std::env::current_exe().unwrap());
        assert!(!zombie(with_threads.args(["--exact", test, "--test-threads", "2"]), had_one_thread));
    }

    #[test]
    fn only_a_fatal_signal_shows_that_all_threads_have_ended() {
        assert!(ends_all_threads(Exit::Signal(Signal::KILL)));
        assert!(!ends_all_threads(Exit::Signal(Signal::from_name("SIGSYS").unwrap())));
        assert!(!ends_all_threads(Exit::Code(0)) && !ends_all_threads(Exit::Code(7)));
    }
}
