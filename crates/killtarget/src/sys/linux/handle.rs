//! A handle on one process: signals, liveness and facts.

use std::{
    os::fd::{AsFd, BorrowedFd},
    sync::atomic::{AtomicBool, Ordering},
};

use nix::errno::Errno;

use super::{
    clock,
    handle_kind::HandleKind,
    pidfd::{self, Pidfd, SignalScope},
    probe,
    procfs::{self, ProcEntry, Stat},
    reuse, spare_fd,
};
use crate::{
    sys::{
        types::{IdOwner, RunState, StartTime},
        unix::{errno, process},
    },
    types::{Error, Method, Pid, PidClock, ProcessInfo, Verification},
};

/// A handle on one process. It keeps to that process, even after the pid was reused.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(super) pid: Pid,
    pub(super) kind: HandleKind,
    /// Whether the process is known to be reaped. After that its pid may belong to another process.
    pub(super) is_reaped: AtomicBool,
    /// Whether the group that the process leads, or may make, is the owner of the descriptor.
    pub(super) owner_is_group: bool,
    /// How far the assignment of pids had come when the process was opened. The kernel may not say whether a number is in
    /// use.
    pub(super) opened: Option<PidClock>,
}

impl Handle {
    /// Opens the process that has the pid now. Returns `None` if no process has it.
    ///
    /// # Errors
    /// [`Error::NotAProcess`]: the pid is the id of a thread. [`Error::IdentityUnavailable`]: the process can be
    /// opened by its pid only, and `verification` is required.
    pub(crate) fn open(pid: Pid, verification: Verification) -> Result<Option<Self>, Error> {
        let kind = HandleKind::open(pid, verification)?;
        let Some(kind) = kind else { return Ok(None) };
        let mut handle = Self {
            pid,
            kind,
            is_reaped: AtomicBool::new(false),
            owner_is_group: false,
            opened: reuse::pid_clock(),
        };
        handle.owner_is_group = handle.make_group_owner();
        Ok(Some(handle))
    }

    pub(crate) fn method(&self) -> Method {
        match self.kind {
            HandleKind::Pidfd(_) => Method::Pidfd,
            HandleKind::ProcDir { .. } => Method::ProcFd,
            HandleKind::StartTime(_) => Method::StartTime,
            HandleKind::Pid => Method::Pid,
        }
    }

    /// Returns whether [`Handle::signal`] uses a descriptor that is bound to the process, and never its pid.
    pub(crate) fn race_free(&self) -> bool {
        self.signal_fd().is_some()
    }

    /// Returns whether any thread of the process has not exited. With [`Method::Pid`] a zombie counts as alive.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => pidfd.has_exited().map(|exited| !exited).map_err(errno::of("poll")),
            HandleKind::ProcDir { dir, .. } => dir.entry().is_alive().map_err(errno::of(READ_STAT)),
            HandleKind::StartTime(_) => {
                let alive = self.entry_by_pid()?.is_alive().map_err(errno::of(READ_STAT))?;
                Ok(self.is_unreaped()? && alive)
            }
            HandleKind::Pid => self.is_unreaped(),
        }
    }

    /// Returns the parent. Returns `None` if the parent is outside this PID namespace or the process was reaped.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        if let (HandleKind::Pidfd(pidfd), Ok(())) = (&self.kind, probe::info()) {
            return match pidfd.parent() {
                Err(Errno::ESRCH) => Ok(None),
                parent => parent.map_err(errno::of("ioctl(PIDFD_GET_INFO)")),
            };
        }
        Ok(self.stat()?.and_then(|stat| Pid::new(stat.ppid).ok()))
    }

    /// Returns the owner of the ppid of a process that was listed as a child of `parent`. Returns `None` if the
    /// process was reaped or reparented since.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Result<Option<IdOwner>, Error> {
        Ok((self.parent()? == Some(parent.pid)).then_some(IdOwner::Original))
    }

    /// Reads facts about the process. Returns `None` if the process was reaped.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn info(&self) -> Result<Option<(ProcessInfo, Option<StartTime>)>, Error> {
        let facts = self.read_proc(|entry| {
            let found = entry.named_stat()?;
            Ok(found.map(|(stat, name)| (stat, name, entry.command_line(stat), entry.user())))
        })?;
        Ok(facts.map(|(stat, name, command, user)| {
            let info = ProcessInfo {
                pid: self.pid,
                ppid: Some(stat.ppid),
                pgid: Some(stat.pgrp),
                sid: Some(stat.session),
                name: Some(name),
                command,
                user,
                state: Some(stat.state.into()),
                start_time: clock::wall_clock_time(stat.starttime),
                token: None,
            };
            (info, Some(stat.starttime))
        }))
    }

    /// Returns the start time. Returns `None` if the process was reaped.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn started(&self) -> Result<Option<StartTime>, Error> {
        Ok(self.stat()?.map(|stat| stat.starttime))
    }

    /// Returns the run state of the process, which covers all its threads.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn run_state(&self) -> Result<RunState, Error> {
        Ok(self.read_proc(ProcEntry::run_state)?.unwrap_or(RunState::Stopped))
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// Returns a descriptor that `poll(2)` reports readable once the process has exited. Returns `None` without a
    /// pidfd.
    pub(super) fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => Some(pidfd.as_fd()),
            _ => None,
        }
    }

    pub(super) fn proc_entry(&self) -> Result<ProcEntry<'_>, Error> {
        match &self.kind {
            HandleKind::ProcDir { dir, .. } => Ok(dir.entry()),
            _ => self.entry_by_pid(),
        }
    }

    /// Returns the descriptor for `pidfd_send_signal(2)`. Returns `None` if the process is signalled by its pid.
    pub(super) fn signal_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => Some(pidfd.as_fd()),
            HandleKind::ProcDir { dir, signals: true } => Some(dir.as_fd()),
            _ => None,
        }
    }

    /// Returns the descriptor that is bound to the process.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => Some(pidfd.as_fd()),
            HandleKind::ProcDir { dir, .. } => Some(dir.as_fd()),
            HandleKind::StartTime(_) | HandleKind::Pid => None,
        }
    }

    /// Returns whether the process is unreaped. Until it is reaped, its pid is not reused.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn is_unreaped(&self) -> Result<bool, Error> {
        if self.is_reaped.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let unreaped = match (&self.kind, self.signal_fd()) {
            (_, Some(fd)) => match pidfd::send(fd, 0, SignalScope::Process) {
                Ok(()) | Err(Errno::EPERM) => true,
                Err(Errno::ESRCH) => false,
                Err(errno) => return Err(errno::of("pidfd_send_signal")(errno)),
            },
            (HandleKind::StartTime(start), _) => match read_stat(&self.entry_by_pid()?)? {
                Some(now) => now.starttime == *start,
                None if process::kill(self.pid, 0) == Err(Errno::ESRCH) => false,
                None => return Err(self.hidden()),
            },
            (HandleKind::ProcDir { dir, .. }, _) => read_stat(&dir.entry())?.is_some(),
            (HandleKind::Pidfd(_) | HandleKind::Pid, _) => process::kill(self.pid, 0) != Err(Errno::ESRCH),
        };
        if !unreaped {
            self.is_reaped.store(true, Ordering::Relaxed);
        }
        Ok(unreaped)
    }

    /// Returns the inode number of a pidfd of the process, so that each kind of handle gives the same mark.
    ///
    /// Without a pidfd this opens one by the pid. The caller must check afterwards that the process is unreaped.
    ///
    /// The file system of pidfds came with the signals to groups, in Linux 6.9.
    pub(crate) fn unique_id(&self) -> Option<u64> {
        spare_fd::with_spare(|| probe::group_signal().map_err(|refusal| refusal.errno)).ok()?;
        match &self.kind {
            HandleKind::Pidfd(pidfd) => pidfd.inode(),
            _ => spare_fd::with_spare(|| Ok(Pidfd::open_raw(self.pid)?.inode())).ok()?,
        }
    }

    pub(super) fn stat(&self) -> Result<Option<Stat>, Error> {
        self.read_proc(ProcEntry::stat)
    }

    /// Reads from `/proc`, about this process and no other. Returns `None` if the process was reaped.
    pub(super) fn read_proc<'a, T>(
        &'a self,
        read: impl Fn(&ProcEntry<'a>) -> Result<Option<T>, Errno>,
    ) -> Result<Option<T>, Error> {
        let read = |entry: &ProcEntry<'a>| read(entry).map_err(errno::of(READ_STAT));
        if let HandleKind::ProcDir { dir, .. } = &self.kind {
            return read(&dir.entry());
        }
        let found = read(&self.entry_by_pid()?)?;
        // Read by pid. If the process is unreaped afterwards, its pid was not reused before.
        match found {
            _ if !self.is_unreaped()? => Ok(None),
            None => Err(self.hidden()),
            found => Ok(found),
        }
    }

    fn entry_by_pid(&self) -> Result<ProcEntry<'static>, Error> {
        procfs::by_pid(self.pid)
            .map_err(|unusable| Error::IdentityUnavailable { pid: self.pid, reason: unusable.reason() })
    }

    /// Returns the error for a process that exists and has no entry.
    fn hidden(&self) -> Error {
        Error::IdentityUnavailable { pid: self.pid, reason: "/proc hides the process" }
    }
}

const READ_STAT: &str = "read(/proc/PID/stat)";

fn read_stat(entry: &ProcEntry<'_>) -> Result<Option<Stat>, Error> {
    entry.stat().map_err(errno::of(READ_STAT))
}
