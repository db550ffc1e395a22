//! A process on which the life of the command depends.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::procfs::Stat;
use crate::{
    sys::{self, Errno},
    types::Identity,
};

/// The interval in milliseconds at which a host that is not the parent is looked for, where pidfds are not available.
const POLL_INTERVAL: u32 = 500;

/// A host that is watched.
///
/// If the host is the guard's parent, a change of the parent's pid tells its exit. The kernel wakes the guard for that by
/// SIGCONT, where there are no pidfds. It does so at the exit of the *thread* that has started the guard as well, so the signal
/// alone proves nothing.
pub(crate) struct Host {
    pid: i32,
    start: Option<u64>,
    file: Option<OwnedFd>,
    /// Whether it is the guard's parent.
    is_parent: bool,
    /// Whether it is the parent of this process.
    is_own_parent: bool,
}

impl Host {
    /// Opens a host. `parent`: the pid of this process's parent.
    ///
    /// # Errors
    /// [`HostIsGone`]: the host has exited already.
    pub(crate) fn open(Identity { pid, start }: Identity, parent: i32) -> Result<Self, HostIsGone> {
        let file = match sys::open_watched(pid) {
            Ok(file) => Some(file),
            Err(Errno::ESRCH) => return Err(HostIsGone),
            Err(_) => {
                // Before the parent is asked for: an exit of the parent before it does not wake this process.
                sys::wake_with_parent();
                None
            }
        };
        let mut host = Self { pid, start, file, is_parent: pid == parent, is_own_parent: pid == parent };
        if !host.is_same() {
            return Err(HostIsGone);
        }
        if host.file.is_none() && start.is_none() {
            host.start = Stat::read(pid).map(|stat| stat.start);
        }
        Ok(host)
    }

    /// The host as the keeper, which is not its child, watches it. Returns `None` if only the guard can: a host that is in an
    /// outer PID namespace.
    pub(crate) fn of_keeper(self, is_in_namespace: bool) -> Option<Self> {
        let can_poll = self.pid > 0 && !is_in_namespace;
        (self.file.is_some() || can_poll).then_some(Self { is_own_parent: false, ..self })
    }

    /// Returns whether its child notices its exit, and others have to poll.
    pub(crate) const fn is_noticed_by_child(&self) -> bool {
        self.file.is_none() && self.is_parent
    }

    /// Returns whether the process with the pid is the one that was named.
    fn is_same(&self) -> bool {
        if self.is_own_parent && sys::parent_pid() != self.pid {
            return false;
        }
        match (self.start, Stat::read(self.pid)) {
            (_, Some(now)) if now.has_exited() => false,
            (Some(start), Some(now)) => start == now.start,
            (None, Some(_)) => true,
            // Some systems hide the processes of other users. The parent is certain.
            (_, None) => self.is_own_parent,
        }
    }

    /// Returns whether it has exited, as far as the descriptor does not tell.
    pub(crate) fn is_gone(&self) -> bool {
        if self.is_own_parent {
            return sys::parent_pid() != self.pid;
        }
        self.file.is_none() && !self.is_same()
    }

    /// After how many milliseconds to ask [`Host::is_gone`], if nothing else wakes the guard.
    pub(crate) fn poll_interval(&self) -> Option<u32> {
        (self.file.is_none() && !self.is_own_parent).then_some(POLL_INTERVAL)
    }

    /// The descriptor that is readable once it has exited.
    pub(crate) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.file.as_ref().map(AsFd::as_fd)
    }
}

/// The host has exited before the command was started.
#[derive(Debug)]
pub(crate) struct HostIsGone;
