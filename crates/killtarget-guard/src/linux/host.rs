//! The process on which the life of the command depends.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::procfs::Stat;
use crate::{
    arguments::Options,
    sys::{self, Errno},
};

/// The interval in milliseconds at which a host that is not the parent is looked for, where pidfds are not available.
const POLL_INTERVAL: u32 = 500;

/// A host that is watched.
///
/// If the host is the guard's parent, a change of the parent's pid tells its exit. The kernel wakes the guard for that by
/// SIGCONT. It does so at the exit of the *thread* that has started the guard as well, so the signal alone proves nothing.
pub(crate) struct Host {
    pid: i32,
    start: Option<u64>,
    file: Option<OwnedFd>,
    is_parent: bool,
}

impl Host {
    /// Opens the host that the options name, or else the parent. Returns `None` if there is nothing to watch.
    ///
    /// # Errors
    /// [`HostIsGone`]: the host has exited already.
    pub(crate) fn open(options: &Options) -> Result<Option<Self>, HostIsGone> {
        if options.orphaned.is_none() {
            return Ok(None);
        }
        sys::wake_with_parent();
        let parent = sys::parent_pid();
        let (pid, start) = options.parent.map_or((parent, None), |parent| (parent.pid, parent.start));
        // The parent is in an outer PID namespace.
        if pid == 0 {
            return Ok(None);
        }
        let file = match sys::open_watched(pid) {
            Ok(file) => Some(file),
            Err(Errno::ESRCH) => return Err(HostIsGone),
            Err(_) => None,
        };
        let host = Self { pid, start, file, is_parent: pid == parent };
        if host.is_same() { Ok(Some(host)) } else { Err(HostIsGone) }
    }

    /// The host as the keeper, which is not its child, watches it. Returns `None` if only the guard can: without a descriptor
    /// its parent notices the exit without polling, and its pid is another one in a PID namespace.
    pub(crate) fn of_keeper(self, is_in_namespace: bool) -> Option<Self> {
        let can_poll = !self.is_parent && !is_in_namespace;
        (self.file.is_some() || can_poll).then_some(Self { is_parent: false, ..self })
    }

    /// Returns whether the process with the pid is the one that was named.
    fn is_same(&self) -> bool {
        if self.is_parent && sys::parent_pid() != self.pid {
            return false;
        }
        let now = Stat::read(self.pid);
        match (self.start, now) {
            (Some(start), Some(now)) => start == now.start,
            (Some(_), None) => false,
            // Some systems hide the processes of other users. The parent is certain.
            (None, _) => self.is_parent || now.is_some(),
        }
    }

    /// Returns whether it has exited, as far as the descriptor does not tell.
    pub(crate) fn is_gone(&self) -> bool {
        if self.is_parent {
            return sys::parent_pid() != self.pid;
        }
        self.file.is_none() && !self.is_same()
    }

    /// After how many milliseconds to ask [`Host::is_gone`], if nothing else wakes the guard.
    pub(crate) fn poll_interval(&self) -> Option<u32> {
        (self.file.is_none() && !self.is_parent).then_some(POLL_INTERVAL)
    }

    /// The descriptor that is readable once it has exited.
    pub(crate) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.file.as_ref().map(AsFd::as_fd)
    }
}

/// The host has exited before the command was started.
#[derive(Debug)]
pub(crate) struct HostIsGone;
