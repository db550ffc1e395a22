//! What describes a process to people: its command line and its user.

use std::{
    thread,
    time::{Duration, Instant},
};

use nix::errno::Errno;

use super::{clock, procfs::ProcEntry, stat::Stat, status};
use crate::{sys::types::RunState, types::CommandLine};

/// A process can declare any part of its memory its command line (`PR_SET_MM_MAP`), so the length is not bounded.
const MAX_LENGTH: usize = 1 << 16;

/// How long to wait for a process that was started within the last second. A new program may wait for its file at first, and
/// `execve` ends a `vfork` before it sets the arguments.
const START_TIMEOUT: Duration = Duration::from_millis(10);

impl ProcEntry<'_> {
    /// Returns the arguments of the process. Returns `None` if it has none, as a zombie, or if they cannot be read.
    pub(super) fn command_line(&self, stat: Stat) -> Option<CommandLine> {
        let began = Instant::now();
        loop {
            let line = self.readable_command_line().ok()?;
            if !line.is_empty() {
                return arguments(&line);
            }
            if !may_be_starting(stat) || began.elapsed() > START_TIMEOUT {
                return None;
            }
            thread::yield_now();
        }
    }

    /// Reads the command line. It is empty if it cannot be read now.
    ///
    /// The kernel reads it from the memory of the process. While a thread of it waits for a device or a server that does not
    /// answer, the memory may be locked, and the reader would wait as long.
    fn readable_command_line(&self) -> Result<Vec<u8>, Errno> {
        let threads = self.thread_stats()?.unwrap_or_default();
        if threads.into_iter().any(|thread| thread.run_state() == RunState::Uninterruptible) {
            return Ok(Vec::new());
        }
        Ok(self.read_start("cmdline", MAX_LENGTH)?.unwrap_or_default())
    }

    /// Returns the id of the effective user. Returns `None` if it cannot be read.
    pub(super) fn user(&self) -> Option<u32> {
        effective_user(&self.read_file("status").ok()??)
    }
}

fn may_be_starting(stat: Stat) -> bool {
    let is_new = clock::age(stat.starttime).is_some_and(|age| age < Duration::from_secs(1));
    is_new && !stat.has_exited() && !stat.is_kernel_thread()
}

/// Reads a command line, which has a NUL after each argument. A title that a process has given itself has NULs after it, so those at the end do not count.
fn arguments(line: &[u8]) -> Option<CommandLine> {
    let end = line.iter().rposition(|byte| *byte != 0)?;
    Some(CommandLine::new(String::from_utf8_lossy(&line[..=end]).into_owned()))
}

/// `Uid:` has the real, the effective, the saved and the file system's user.
fn effective_user(status: &[u8]) -> Option<u32> {
    status::field(status, "Uid")?.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_split_at_its_nuls() {
        for (line, expected) in [
            (&b"node\0a b\0\0c\0"[..], Some(vec!["node", "a b", "", "c"])),
            (b"npm run dev\0\0\0\0", Some(vec!["npm run dev"])),
            (b"cut", Some(vec!["cut"])),
            (b"a\xff\0", Some(vec!["a\u{fffd}"])),
            (b"\0\0", None),
            (b"", None),
        ] {
            let found = arguments(line);
            let found = found.as_ref().map(|line| line.arguments().collect::<Vec<_>>());
            assert_eq!(found, expected, "{line:?}");
        }
    }

    #[test]
    fn the_user_is_the_effective_one() {
        assert_eq!(effective_user(b"Name:\tUid: 7\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"), Some(2));
        for status in [&b""[..], b"Name:\tsh\n", b"Uid:\t1\n", b"Uid:\tx\ty\n", b"Uid:\t-1\t-1\t-1\t-1\n"] {
            assert_eq!(effective_user(status), None, "{status:?}");
        }
    }
}
