//! The pid that the kernel assigned last in this PID namespace.

use std::str::SplitAsciiWhitespace;

use super::procfs;
use crate::types::Pid;

/// What `/proc/loadavg` says of processes.
pub(super) struct Load {
    /// How many processes and threads there are.
    pub(super) tasks: u64,
    /// The process or thread that was started last.
    pub(super) last_pid: Pid,
}

/// Returns the pid that the kernel assigned last, to a process or a thread. Returns `None` if it cannot be read.
///
/// A process that is forked with a chosen pid (`set_tid` of `clone3(2)`, privileged) does not change this value.
///
/// # References
/// `/proc/sys/kernel/ns_last_pid`, Linux 3.3, with `CONFIG_CHECKPOINT_RESTORE`. `/proc/loadavg` has the same value in each
/// kernel, but some containers have another file in its place.
pub(crate) fn last_pid() -> Option<Pid> {
    let of_namespace = || pid(text("sys/kernel/ns_last_pid")?.trim_end());
    of_namespace().or_else(|| load().map(|load| load.last_pid))
}

/// Returns whether the machine has so few processes and threads that a look at each process takes less time than the lists of
/// the children of some.
pub(crate) fn has_few_processes() -> bool {
    const FEW: u64 = 2000;
    load().is_some_and(|load| load.tasks <= FEW)
}

/// Reads `/proc/loadavg`.
///
/// # References
/// `proc_loadavg(5)`: the fourth field ends with the number of processes and threads, the fifth is the pid that was assigned
/// last.
pub(super) fn load() -> Option<Load> {
    parse(text("loadavg")?.split_ascii_whitespace())
}

fn parse(mut fields: SplitAsciiWhitespace<'_>) -> Option<Load> {
    let tasks = fields.nth(3)?.split('/').nth(1)?.parse().ok()?;
    Some(Load { tasks, last_pid: pid(fields.next()?)? })
}

fn pid(text: &str) -> Option<Pid> {
    Pid::new(text.parse().ok()?).ok()
}

/// Reads a file of `/proc` that is about the system.
pub(super) fn text(path: &str) -> Option<String> {
    String::from_utf8(procfs::read_of_system(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_loadavg_are_told_apart() {
        let load = parse("0.20 0.18 0.12 1/80 11206\n".split_ascii_whitespace()).unwrap();
        assert_eq!((load.tasks, load.last_pid.as_raw()), (80, 11206));
        for wrong in ["", "0.20 0.18 0.12 80 11206", "0.20 0.18 0.12 1/80", "0.20 0.18 0.12 1/80 0"] {
            assert!(parse(wrong.split_ascii_whitespace()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn both_files_show_a_process_that_was_started() {
        for read in [last_pid, || load().map(|load| load.last_pid)] {
            let before = read().unwrap();
            std::process::Command::new("true").status().unwrap();
            assert_ne!(read().unwrap(), before);
        }
    }
}
