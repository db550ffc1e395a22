//! One process, and what is done to it through the hold that there is on it.

use std::{
    os::fd::{AsFd, BorrowedFd},
    sync::atomic::{AtomicBool, Ordering},
};

use nix::errno::Errno;

use super::{
    clock,
    handle_kind::{HandleKind, why},
    pidfd::{self, Pidfd, SignalScope},
    probe,
    procfs::{self, Place, Stat},
    spare_fd,
};
use crate::{
    sys::{
        types::{IdOwner, RunState, StartTime},
        unix::{errno, process},
    },
    types::{Delivery, Error, Identity, Method, Pid, ProcessInfo, Signal, Verification},
};

/// A process, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(super) pid: Pid,
    pub(super) kind: HandleKind,
    /// Found to be over while its number was looked at: whoever has the number later is somebody else.
    over: AtomicBool,
}

impl Handle {
    /// Takes hold of the process that has the number now. `None`: no process has it.
    ///
    /// # Errors
    /// [`Error::NotAProcess`], [`Error::IdentityUnavailable`].
    pub(crate) fn open(pid: Pid, verification: Verification) -> Result<Option<Self>, Error> {
        let kind = HandleKind::open(pid, verification)?;
        Ok(kind.map(|kind| Self { pid, kind, over: AtomicBool::new(false) }))
    }

    pub(crate) fn method(&self) -> Method {
        match self.kind {
            HandleKind::Pidfd(_) => Method::Pidfd,
            HandleKind::ProcDir { .. } => Method::ProcFd,
            HandleKind::StartTime(_) => Method::StartTime,
            HandleKind::Number => Method::Pid,
        }
    }

    /// Whether [`Handle::signal`] goes through something that is bound to the process, and never by number.
    pub(crate) fn race_free(&self) -> bool {
        self.signal_fd().is_some()
    }

    /// # Errors
    /// [`Error::Os`]: `EPERM`.
    pub(crate) fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        let (sent, syscall) = match self.signal_fd() {
            Some(fd) => (pidfd::send(fd, signal.as_raw(), SignalScope::Process), "pidfd_send_signal"),
            None if self.is_unreaped()? => (process::kill(self.pid, signal.as_raw()), "kill"),
            None => return Ok(Delivery::Gone),
        };
        match sent {
            Ok(()) => Ok(Delivery::Delivered),
            Err(Errno::ESRCH) => {
                self.over.store(true, Ordering::Relaxed);
                Ok(Delivery::Gone)
            }
            Err(errno) => Err(errno::of(syscall)(errno)),
        }
    }

    /// Whether any thread of the process has not ended. A number alone can't tell a zombie: it counts as alive.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => pidfd.is_over().map(|over| !over).map_err(errno::of("poll")),
            HandleKind::ProcDir { dir, .. } => dir.place().is_alive().map_err(errno::of(READ_STAT)),
            HandleKind::StartTime(_) => {
                let alive = procfs::by_pid(self.pid).is_alive().map_err(errno::of(READ_STAT))?;
                Ok(self.is_unreaped()? && alive)
            }
            HandleKind::Number => self.is_unreaped(),
        }
    }

    /// The parent. `None`: it is outside this PID namespace, or the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        if let (HandleKind::Pidfd(pidfd), Ok(())) = (&self.kind, probe::info()) {
            return match pidfd.parent() {
                Err(Errno::ESRCH) => Ok(None),
                parent => parent.map_err(errno::of("ioctl(PIDFD_GET_INFO)")),
            };
        }
        Ok(self.stat()?.and_then(|stat| Pid::new(stat.ppid).ok()))
    }

    /// Whose child it is that was listed as that one's. `None`: it has been reaped or given to another since.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Result<Option<IdOwner>, Error> {
        Ok((self.parent()? == Some(parent.pid)).then_some(IdOwner::Original))
    }

    /// By what a later handle on the same number can be told from this one. `None`: the process has been reaped.
    ///
    /// # Errors
    /// [`Error::IdentityUnavailable`], [`Error::Os`] where it can't be found out.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, Error> {
        if let Some(inode) = self.inode() {
            let identity = Identity { mark: format!("pidfs:{inode}"), settled: true };
            return Ok(self.is_unreaped()?.then_some(identity));
        }
        // Before the reading: whoever gets the number after that has started at this tick or later.
        let now = clock::now().map_err(errno::of("clock_gettime"))?;
        Ok(self.stat()?.map(|Stat { starttime, .. }| Identity {
            mark: format!("start:{starttime}"),
            settled: starttime < now,
        }))
    }

    /// What can be told of the process now. `None`: it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn info(&self) -> Result<Option<ProcessInfo>, Error> {
        let found = self.about(Place::named_stat)?;
        Ok(found.map(|(stat, name)| ProcessInfo {
            pid: self.pid,
            ppid: Some(stat.ppid),
            pgid: Some(stat.pgrp),
            sid: Some(stat.session),
            name: Some(name),
            state: Some(stat.state.into()),
            start_time: clock::wall(stat.starttime),
        }))
    }

    /// When the process was started. `None`: it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn started(&self) -> Result<Option<StartTime>, Error> {
        Ok(self.stat()?.map(|stat| stat.starttime))
    }

    /// What the process is at: all its threads.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn run_state(&self) -> Result<RunState, Error> {
        Ok(self.about(|place| place.run_state().map(Some))?.unwrap_or(RunState::Stopped))
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// What `poll(2)` takes for this process: readable once that is over.
    pub(super) fn poll_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => Some(pidfd.as_fd()),
            _ => None,
        }
    }

    pub(super) fn place(&self) -> Place<'_> {
        match &self.kind {
            HandleKind::ProcDir { dir, .. } => dir.place(),
            _ => procfs::by_pid(self.pid),
        }
    }

    /// What `pidfd_send_signal(2)` takes for this process, where there is such a thing.
    pub(super) fn signal_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => Some(pidfd.as_fd()),
            HandleKind::ProcDir { dir, signals: true } => Some(dir.as_fd()),
            _ => None,
        }
    }

    /// Whether the number is still this process's own, as it is until it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn is_unreaped(&self) -> Result<bool, Error> {
        if self.over.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let unreaped = match (&self.kind, self.signal_fd()) {
            (_, Some(fd)) => match pidfd::send(fd, 0, SignalScope::Process) {
                Ok(()) | Err(Errno::EPERM) => true,
                Err(Errno::ESRCH) => false,
                Err(errno) => return Err(errno::of("pidfd_send_signal")(errno)),
            },
            (HandleKind::StartTime(start), _) => {
                self.require_proc()?;
                read_stat(&procfs::by_pid(self.pid))?.is_some_and(|stat| stat.starttime == *start)
            }
            (HandleKind::ProcDir { dir, .. }, _) => read_stat(&dir.place())?.is_some(),
            (HandleKind::Pidfd(_) | HandleKind::Number, _) => process::kill(self.pid, 0) != Err(Errno::ESRCH),
        };
        if !unreaped {
            self.over.store(true, Ordering::Relaxed);
        }
        Ok(unreaped)
    }

    /// The inode number of a pidfd of this process, if it has one: of whoever has the number, where it is held by
    /// something else. However it is held, the mark is then the same.
    fn inode(&self) -> Option<u64> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => pidfd.inode(),
            _ => spare_fd::with_spare(|| Ok(Pidfd::open_raw(self.pid)?.inode())).ok()?,
        }
    }

    pub(super) fn stat(&self) -> Result<Option<Stat>, Error> {
        self.about(Place::stat)
    }

    /// What `/proc` says, about this process and no other. `None`: it has been reaped.
    fn about<'a, T>(
        &'a self,
        read: impl Fn(&Place<'a>) -> Result<Option<T>, Errno>,
    ) -> Result<Option<T>, Error> {
        let read = |place: &Place<'a>| read(place).map_err(errno::of(READ_STAT));
        if let HandleKind::ProcDir { dir, .. } = &self.kind {
            return read(&dir.place());
        }
        self.require_proc()?;
        let found = read(&procfs::by_pid(self.pid))?;
        // Read by number: it is about this process if that has the number still.
        Ok(if self.is_unreaped()? { found } else { None })
    }

    fn require_proc(&self) -> Result<(), Error> {
        procfs::check()
            .map_err(|unusable| Error::IdentityUnavailable { pid: self.pid, reason: why(&unusable) })
    }
}

const READ_STAT: &str = "read(/proc/PID/stat)";

fn read_stat(place: &Place<'_>) -> Result<Option<Stat>, Error> {
    place.stat().map_err(errno::of(READ_STAT))
}
