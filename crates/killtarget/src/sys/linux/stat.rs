//! Parses `/proc/PID/stat`. The second field is a name that the process chooses.

use crate::{
    sys::types::{RunState, StartTime},
    types::Pid,
};

/// The fields that the core uses, by the names and numbers of `proc_pid_stat(5)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    /// (3)
    pub(super) state: u8,
    /// (4) 0 if the parent is outside this PID namespace.
    pub(super) ppid: i32,
    /// (5) 0 if the group is outside this PID namespace.
    pub(super) pgrp: i32,
    /// (6) 0 if the session is outside this PID namespace.
    pub(super) session: i32,
    /// (9) `PF_EXITING` and the like, in `include/linux/sched.h`.
    pub(super) flags: u32,
    /// (20)
    pub(super) num_threads: i64,
    /// (22)
    pub(super) starttime: StartTime,
    /// (52) The status in the format of `wait(2)`, once the process has exited. 0 if the caller may not read it. `None`
    /// before Linux 3.5.
    pub(super) exit_code: Option<i32>,
}

impl Stat {
    /// Parses the line. The name is in brackets and may itself contain brackets, spaces and newlines. No field after
    /// it can contain a `)`, so those fields begin after the **last** `)`.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let end_of_name = line.iter().rposition(|byte| *byte == b')')?;
        let fields = std::str::from_utf8(line.get(end_of_name + 1..)?).ok()?;
        let fields: Vec<_> = fields.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            state: *field(3)?.as_bytes().first()?,
            ppid: field(4)?.parse().ok()?,
            pgrp: field(5)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            flags: field(9)?.parse().ok()?,
            num_threads: field(20)?.parse().ok()?,
            starttime: field(22)?.parse().ok()?,
            exit_code: field(52).and_then(|code| code.parse().ok()),
        })
    }

    /// Returns the name (2) without its brackets. Invalid UTF-8 is replaced.
    pub(super) fn name(line: &[u8]) -> Option<String> {
        let start = line.iter().position(|byte| *byte == b'(')? + 1;
        let end = line.iter().rposition(|byte| *byte == b')')?;
        Some(String::from_utf8_lossy(line.get(start..end)?).into_owned())
    }

    /// Returns whether the thread of this line has exited. Other threads may still run: a process has exited when all
    /// its threads have.
    pub(super) fn has_exited(self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x')
    }

    /// Returns whether the thread of this line is exiting.
    pub(super) fn is_exiting(self) -> bool {
        const PF_EXITING: u32 = 0x4;
        self.flags & PF_EXITING != 0
    }

    /// Returns whether the process of this line has called no `execve` since it was forked.
    pub(super) fn is_fork(self) -> bool {
        const PF_FORKNOEXEC: u32 = 0x40;
        self.flags & PF_FORKNOEXEC != 0
    }

    /// Returns whether the process of this line is a thread of the kernel.
    pub(super) fn is_kernel_thread(self) -> bool {
        const PF_KTHREAD: u32 = 0x0020_0000;
        self.flags & PF_KTHREAD != 0
    }

    /// Returns the run state of the thread.
    pub(super) fn run_state(self) -> RunState {
        match self.state {
            b'T' => RunState::Stopped,
            b't' => RunState::Traced,
            b'D' => RunState::Uninterruptible,
            _ if self.has_exited() => RunState::Stopped,
            _ => RunState::Running,
        }
    }
}

/// Returns the pid (1) of the process or thread that the line is about.
pub(super) fn pid(line: &[u8]) -> Option<Pid> {
    let pid = line.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(pid).ok()?.parse().ok().and_then(|pid| Pid::new(pid).ok())
}

#[cfg(test)]
mod tests {
    use std::{
        ffi::OsStr,
        fs,
        io::{BufRead, BufReader, Read, Write},
        os::unix::{ffi::OsStrExt, fs::symlink},
        process::{Command, Stdio},
    };

    use proptest::prelude::*;

    use super::*;

    fn line(pid: i32, name: &[u8], stat: Stat) -> Vec<u8> {
        let mut line = format!("{pid} (").into_bytes();
        line.extend_from_slice(name);
        let Stat { state, ppid, pgrp, session, flags, num_threads, starttime, exit_code } = stat;
        let state = char::from(state);
        let relations = format!(") {state} {ppid} {pgrp} {session}");
        let known = format!("{relations} 34816 1 {flags} 99 0 0 0 1 2 3 4 20 0 {num_threads} 0 {starttime}");
        let between = " 9".repeat(51 - 22);
        let exit_code = exit_code.map_or_else(String::new, |code| format!(" {code}"));
        line.extend(format!("{known}{between}{exit_code}\n").bytes());
        line
    }

    fn stats() -> impl Strategy<Value = Stat> {
        let state = proptest::sample::select(b"RSDZTtXxKWPI".to_vec());
        let relations = (0..i32::MAX, 0..i32::MAX, 0..i32::MAX);
        (state, relations, 0..u32::MAX, 0..i64::MAX, 0..u64::MAX, proptest::option::of(0..i32::MAX)).prop_map(
            |(state, (ppid, pgrp, session), flags, num_threads, starttime, exit_code)| Stat {
                state,
                ppid,
                pgrp,
                session,
                flags,
                num_threads,
                starttime,
                exit_code,
            },
        )
    }

    proptest! {
        #[test]
        fn fields_are_parsed_after_any_name(pid in 1..i32::MAX, name in prop::collection::vec(any::<u8>(), 0..64), stat in stats()) {
            let line = line(pid, &name, stat);
            prop_assert_eq!(Stat::parse(&line), Some(stat));
            prop_assert_eq!(Stat::name(&line).unwrap(), String::from_utf8_lossy(&name));
        }

        #[test]
        fn fields_are_parsed_after_a_name_that_looks_like_fields(fake in stats(), stat in stats()) {
            prop_assert_eq!(Stat::parse(&line(1, &line(7, b"x", fake), stat)), Some(stat));
        }

        #[test]
        fn parsing_never_panics(line in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = (Stat::parse(&line), Stat::name(&line));
        }

        #[test]
        fn a_truncated_line_is_rejected(stat in stats(), cut in 0..60_usize) {
            let whole = line(1, b"sh", stat);
            let end_of_name = whole.iter().rposition(|byte| *byte == b')').unwrap();
            prop_assert_eq!(Stat::parse(&whole[..cut.min(end_of_name)]), None);
        }
    }

    /// The kernel takes the name from the path of the program, and keeps 15 bytes. The program is a link, not a copy.
    /// While the child of another thread has a copy open for writing, running it fails (`ETXTBSY`).
    #[test]
    fn hostile_names_of_real_processes_are_parsed() {
        for name in
            [&b"a) R 1 ("[..], b"new\nline) Z 0", b") ) ) 1 2", b"\xff\xfe\x80", b"((((", b"tab\tand space "]
        {
            let folder = std::env::temp_dir().join(format!("killtarget-stat-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            let program = folder.join(OsStr::from_bytes(name));
            symlink("/bin/cat", &program).unwrap();
            let mut child =
                Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            // Wait for an answer, which proves that exec is done. Under qemu, `spawn` returns before that.
            child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
            child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
            let line = fs::read(format!("/proc/{}/stat", child.id())).unwrap();
            drop(child.stdin.take());
            child.wait().unwrap();
            fs::remove_dir_all(&folder).unwrap();

            let kept = &name[..name.len().min(15)];
            assert!(line.windows(kept.len()).any(|part| part == kept), "the kernel reports the name");
            let stat = Stat::parse(&line).unwrap();
            assert_eq!(stat.ppid, i32::try_from(std::process::id()).unwrap(), "{name:?}");
            assert_eq!(stat.num_threads, 1);
            assert_eq!(Stat::name(&line).unwrap(), String::from_utf8_lossy(kept));
            assert!(stat.starttime > 0 && !stat.has_exited());
        }
    }

    #[test]
    fn a_process_is_a_fork_until_it_executes_a_program() {
        // A command in the background has no standard input of its own.
        let shell = "exec 3<&0; read _ <&3 & echo $!; wait";
        let mut child = Command::new("sh")
            .args(["-c", shell])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut fork = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut fork).unwrap();
        let entry = |pid: &str| Stat::parse(&fs::read(format!("/proc/{pid}/stat")).unwrap()).unwrap();
        let parent = child.id().to_string();
        let found = (entry(&parent).is_fork(), entry(fork.trim()).is_fork());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(found, (false, true));
    }
}
