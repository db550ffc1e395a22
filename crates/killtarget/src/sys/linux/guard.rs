//! The processes of a guard: how they are told from others, and what they are asked.

use std::{
    os::fd::BorrowedFd,
    path::Path,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use super::{
    handle::Handle,
    namespace_pids,
    procfs::{self, ProcEntry},
    queued_signal,
    stat::Stat,
    status,
};
use crate::{
    sys::{
        types::GuardOptions,
        unix::guard_program::{FileId, file_id, is_guard_program},
    },
    types::{Containment, Delivery, Error, Pid, Signal},
};

/// The name of the command's process before it is the command. Until then its program is the guard.
const STARTING: &str = "kt-start";

/// The name of a watch, which holds nothing together.
const WATCH: &str = "kt-watch";

/// The name of the keeper. The pid of the command follows it, as the keeper sees it.
const KEEPER: &str = "kt-keep";

/// How long an `execve` that has begun is waited for.
const EXECVE_TIMEOUT: Duration = Duration::from_millis(100);

/// The signal that carries a request, and the value that asks for SIGKILL to all.
const REQUEST: i32 = 63;
const KILL_ALL: i32 = 0x006b_7402;

/// The value that lets a command begin that waits for it.
const BEGIN: i32 = KILL_ALL | 4;

/// The value that tells a guard that all below it were asked to exit, and how long they have, in its last 16 bits.
const ASKED: i32 = 0x6b75_0000;

/// The value that requests a guard to ask all below it to exit. The number of the signal is added to the upper 16 bits.
const ASK: i32 = 0x6b80_0000;

/// The unit of that time in milliseconds.
const ASKED_UNIT: u32 = 100;

impl Handle {
    /// Returns whether the process is a guard, or another process of one. It is told by its program, which no other process
    /// can imitate.
    pub(crate) fn is_guard(&self) -> bool {
        let mut program = self.program();
        if program == own_program_id() {
            self.wait_for_execve();
            program = self.program();
        }
        let Some(guard) = program.filter(|file| is_guard_program(*file)) else { return false };
        // In that order: between two reads the command's process may become the command.
        self.name().is_some_and(|name| match name.as_str() {
            STARTING => self.is_child_of_guard(guard),
            name => name != WATCH,
        }) && self.program() == program
    }

    /// Returns whether the parent is the guard itself. The keeper has the name of the command's process until it has started that
    /// one.
    fn is_child_of_guard(&self, guard: FileId) -> bool {
        let Ok(Some(parent)) = self.parent() else { return false };
        let Ok(entry) = procfs::by_pid(parent) else { return false };
        let is_guard = |name: &str| name != STARTING && !name.starts_with(KEEPER);
        entry.program() == Some(guard)
            && entry.named_stat().is_ok_and(|stat| stat.is_some_and(|(_, name)| is_guard(&name)))
            && self.parent() == Ok(Some(parent))
    }

    /// Waits for the program of a child that has called no `execve` yet.
    ///
    /// `vfork` lets the parent go on a moment before `execve` has replaced the program. A child that was forked without `execve`
    /// looks the same, and is waited for in vain.
    fn wait_for_execve(&self) {
        let is_fork = || self.stat().is_ok_and(|stat| stat.is_some_and(Stat::is_fork));
        let start = Instant::now();
        while is_fork() && self.is_child() == Ok(true) && start.elapsed() < EXECVE_TIMEOUT {
            thread::yield_now();
        }
    }

    fn program(&self) -> Option<FileId> {
        self.read_proc(|entry| Ok(entry.program())).ok()?
    }

    /// Returns the options that a guard was given.
    pub(crate) fn guard_options(&self) -> Option<GuardOptions> {
        let line = self.command_line()?;
        let mut options = GuardOptions {
            containment: Containment::Reaper,
            keeps: false,
            leaves: false,
            leaves_orphans: false,
        };
        for argument in
            line.split(|byte| *byte == 0).skip(1).take_while(|argument| argument.starts_with(b"-"))
        {
            match argument {
                b"--" => break,
                b"--isolation=pid-namespace" => options.containment = Containment::Kernel,
                b"--isolation=reaper" => options.containment = Containment::Reaper,
                _ if argument.starts_with(b"--leftovers=") => {
                    options.keeps = argument == b"--leftovers=keep";
                    options.leaves = argument == b"--leftovers=leave";
                }
                _ if argument.starts_with(b"--orphaned=") => {
                    options.leaves_orphans = argument == b"--orphaned=leave";
                }
                _ => {}
            }
        }
        Some(options)
    }

    /// Returns the command line, or `None` if the process has exited.
    ///
    /// It is empty for a moment after the parent was told that the program has started: `execve` closes descriptors and ends a
    /// `vfork` before it sets the arguments.
    fn command_line(&self) -> Option<Vec<u8>> {
        let start = Instant::now();
        loop {
            let line = self.read_proc(|entry| entry.read_file("cmdline")).ok()??;
            if !line.is_empty() {
                return Some(line);
            }
            if self.is_alive() != Ok(true) || start.elapsed() >= EXECVE_TIMEOUT {
                return None;
            }
            thread::yield_now();
        }
    }

    /// Returns whether a child of a guard, which is a process of the guard, is its keeper. It may not have started the command yet.
    pub(crate) fn is_keeper(&self) -> bool {
        self.name().is_some_and(|name| name == STARTING || name.starts_with(KEEPER))
    }

    /// Returns whether a keeper has adopted a child of it. A keeper that has not noted its command yet has that one only.
    pub(crate) fn has_adopted(&self, child: &Self) -> bool {
        !self.is_starting()
            && self.kept_command().is_none_or(|command| child.innermost_pid() != Some(command))
    }

    /// Returns whether a keeper has not made the process of its command yet.
    pub(crate) fn is_starting(&self) -> bool {
        self.name().is_some_and(|name| name == STARTING)
    }

    /// Returns the pid of the command, in the keeper's PID namespace, or `None` once the keeper has reaped the command.
    pub(crate) fn kept_command(&self) -> Option<Pid> {
        self.name()?.strip_prefix(KEEPER)?.strip_prefix(' ')?.parse().ok().and_then(|pid| Pid::new(pid).ok())
    }

    /// Returns the pid of the process in its own PID namespace.
    pub(crate) fn innermost_pid(&self) -> Option<Pid> {
        namespace_pids::innermost(&self.status()?)
    }

    fn status(&self) -> Option<Vec<u8>> {
        self.read_proc(|entry| entry.read_file("status")).ok()?
    }

    /// Does nothing: the keeper outlives the guard, and its exit proves that nothing is left.
    #[allow(clippy::unused_self)] // on Windows it is not
    pub(crate) fn note_guard(&self) {}

    /// Returns `None`: a guard of this system does not say that nothing is left.
    #[allow(clippy::unused_self)] // on Windows it is not
    pub(crate) fn has_said_over(&self) -> Option<bool> {
        None
    }

    /// Asks a guard to kill all that it has started. It exits after that.
    ///
    /// # Errors
    /// [`Error::Os`]: `EAGAIN` if too many signals are queued.
    pub(crate) fn request_kill(&self) -> Result<Delivery, Error> {
        self.request(KILL_ALL)
    }

    /// Lets the command of a keeper begin.
    ///
    /// # Errors
    /// As for [`Handle::request_kill`].
    pub(crate) fn request_begin(&self) -> Result<Delivery, Error> {
        self.request(BEGIN)
    }

    /// Tells a guard, or its keeper, that all below it were asked to exit, and how long they have. The keeper does not ask them once
    /// more in that time, or in its own grace period if that is longer. With a signal, it is requested to ask them: each that was not
    /// asked. Returns false if it cannot be told, and `None` if it does not block signals yet: this one would end it.
    pub(crate) fn tell_asked(&self, signal: Option<Signal>, time: Duration) -> Option<bool> {
        let is_blocked = |status: Vec<u8>| Some(status::field(&status, "SigBlk")?.starts_with('f'));
        if !self.status().and_then(is_blocked)? {
            return None;
        }
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let units = seconds
            .saturating_mul(1000 / ASKED_UNIT)
            .saturating_add(time.subsec_millis().div_ceil(ASKED_UNIT));
        let kind = signal.map_or(ASKED, |signal| ASK | signal.as_raw() << 16);
        let told = self.request(kind | i32::from(u16::try_from(units).unwrap_or(u16::MAX)));
        Some(told == Ok(Delivery::Delivered))
    }

    /// `pidfd_send_signal(process, REQUEST, value)`
    ///
    /// # References
    /// `rt_sigqueueinfo(2)`
    fn request(&self, value: i32) -> Result<Delivery, Error> {
        let by_fd = |fd: BorrowedFd<'_>| queued_signal::send(fd, REQUEST, value);
        self.deliver(by_fd, ("rt_sigqueueinfo", |pid| queued_signal::send_by_pid(pid, REQUEST, value)))
    }

    fn name(&self) -> Option<String> {
        Some(self.read_proc(ProcEntry::named_stat).ok()??.1)
    }
}

/// Identifies the program of this process.
fn own_program_id() -> Option<FileId> {
    static KNOWN: OnceLock<Option<FileId>> = OnceLock::new();
    *KNOWN.get_or_init(|| file_id(Path::new("/proc/self/exe")))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::types::Verification;

    #[test]
    fn the_command_line_is_known_as_soon_as_a_program_has_started() {
        for _ in 0..300 {
            let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
            let pid = Pid::new(child.id().try_into().unwrap()).unwrap();
            let handle = Handle::open(pid, Verification::Optional).unwrap().unwrap();
            // An emulator may start a program late.
            while handle.stat().unwrap().unwrap().is_fork() {
                handle.wait_for_execve();
            }
            let line = handle.command_line();
            child.kill().unwrap();
            child.wait().unwrap();
            // An emulator comes before the program.
            assert!(line.as_ref().is_some_and(|line| line.ends_with(b"sleep\x0060\0")), "{line:?}");
            assert_eq!(handle.command_line(), None);
        }
    }
}
