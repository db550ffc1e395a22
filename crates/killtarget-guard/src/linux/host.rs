//! A process on which the life of the command depends.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::procfs::{Stat, each_child_of_thread};
use crate::{
    sys::{self, Errno},
    types::Identity,
};

/// The interval in milliseconds at which a host that is not the parent is looked for, where pidfds are not available.
const POLL_INTERVAL: u32 = 500;

/// A host that is watched.
///
/// If the host is the guard's parent, a change of the parent's pid tells its exit. The kernel wakes the guard for that by SIGCONT,
/// also if something has stopped it. It does so at the exit of the *thread* that has started the guard as well, so the signal alone
/// proves nothing. It would also continue a command that was stopped: another thread than the first is asked for only where there
/// are no pidfds.
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
    /// The host has exited already, or the system does not tell.
    pub(crate) fn open(Identity { pid, start }: Identity, parent: i32) -> Result<Self, NoHost> {
        let file = match sys::open_watched(pid) {
            Ok(file) => {
                if pid == parent && is_child_of_first_thread(pid) {
                    sys::wake_with_parent();
                }
                Some(file)
            }
            Err(Errno::ESRCH) => return Err(NoHost::Gone),
            Err(_) => {
                // Before the parent is asked for: an exit of the parent before it does not wake this process.
                sys::wake_with_parent();
                None
            }
        };
        let mut host = Self { pid, start, file, is_parent: pid == parent, is_own_parent: pid == parent };
        if !host.is_same().map_err(NoHost::Unknown)? {
            return Err(NoHost::Gone);
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
    fn is_same(&self) -> Result<bool, Errno> {
        if self.is_own_parent && sys::parent_pid() != self.pid {
            return Ok(false);
        }
        Ok(match (self.start, Stat::look(self.pid)) {
            (_, Ok(Some(now))) if now.has_exited() => false,
            (Some(start), Ok(Some(now))) => start == now.start,
            (None, Ok(Some(_))) => true,
            // Some systems hide the processes of other users. The parent is certain.
            _ if self.is_own_parent => true,
            (_, Ok(None)) => false,
            (_, Err(error)) => return Err(error),
        })
    }

    /// Returns whether it has exited, as far as the descriptor does not tell.
    pub(crate) fn is_gone(&self) -> bool {
        if self.is_own_parent {
            return sys::parent_pid() != self.pid;
        }
        // What cannot be read now is asked again later.
        self.file.is_none() && matches!(self.is_same(), Ok(false))
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

/// Returns whether the first thread of the parent has started this process, as far as that can be read.
fn is_child_of_first_thread(parent: i32) -> bool {
    if Stat::read(parent).is_some_and(|stat| stat.threads == 1) {
        return true;
    }
    let (own, mut is_found) = (sys::own_pid(), false);
    each_child_of_thread(parent, parent, |child| is_found |= child == own);
    is_found
}

/// Why a host is not watched.
#[derive(Debug)]
pub(crate) enum NoHost {
    /// It has exited before the command was started.
    Gone,
    Unknown(Errno),
}

impl NoHost {
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::Gone => "has exited",
            Self::Unknown(error) => error.text(),
        }
    }
}
