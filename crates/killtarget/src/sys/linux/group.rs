//! Signals the process group that a process leads or led.
//!
//! The kernel does not reuse a pgid while the group has members or its leader is unreaped. The same holds for a
//! session. `alloc_pid` in the kernel takes a number without a `struct pid`, and each process, group and session has
//! one.

use std::os::fd::AsFd;

use nix::errno::Errno;

use super::{
    file_handle, file_owner,
    handle::Handle,
    handle_kind::HandleKind,
    pid_lookup::{PidKind, pid_kind},
    pidfd::{self, Pidfd, SignalScope},
    probe, reuse, spare_fd,
    version::version,
};
use crate::{
    sys::{
        types::IdOwner,
        unix::{errno, process},
    },
    types::{Delivery, Error, Pid, Signal},
};

impl Handle {
    /// Makes the group that the process leads, or may make, the owner of its descriptor, where the kernel has no better way
    /// to tell whether it has members. Returns whether that was done.
    pub(super) fn make_group_owner(&self) -> bool {
        let Some(fd) = self.descriptor() else { return false };
        probe::group_signal().is_err()
            && probe::file_owner()
            && file_owner::set(fd, file_owner::Kind::Group, self.pid()).is_ok()
            // Until here the process has kept its pid, so it is the owner.
            && self.is_unreaped() == Ok(true)
    }

    /// Returns whether the group that the process leads or led has members, if the kernel tells.
    fn has_group(&self) -> Option<bool> {
        let fd = self.descriptor()?;
        if self.owner_is_group {
            return file_owner::is_alive(fd).ok();
        }
        self.signal_fd()?;
        probe::group_signal().ok()?;
        Some(pidfd::send(fd, 0, SignalScope::Group) != Err(Errno::ESRCH))
    }

    /// Signals the group that this process leads or led. Its id is the pid of this process.
    ///
    /// # Errors
    /// - [`Error::NotGroupLeader`]: the process does not lead a group.
    /// - [`Error::Os`]: `EPERM` if no member may be signalled.
    /// - [`Error::Os`]: `ENOSYS` before Linux 6.9 if the leader was reaped and nothing shows whether the group is its own.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        if let Some(fd) = self.signal_fd()
            && probe::group_signal().is_ok()
        {
            let sent = pidfd::send(fd, signal.as_raw(), SignalScope::Group);
            return delivery(self, sent, "pidfd_send_signal");
        }
        match self.group_owner()? {
            // Its id is not reassigned while it has members, nor soon after that.
            IdOwner::Original => {
                let sent = process::kill_group(self.pid(), signal.as_raw());
                delivery(self, sent, "kill")
            }
            IdOwner::Unknown if group_exists(self.pid()) => Err(unsupported()),
            IdOwner::Reused | IdOwner::Unknown => Ok(Delivery::Gone),
        }
    }

    /// Returns whether [`Handle::signal_group`] never signals by pgid.
    pub(crate) fn group_race_free(&self) -> bool {
        self.signal_fd().is_some() && probe::group_signal().is_ok()
    }

    /// Returns whether the group with this pid as its pgid is the one that this process leads or led.
    ///
    /// If it is, everything read about that pgid before this call was about this group. A group never gets its pgid
    /// back after that was free.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed. [`Error::IdentityUnavailable`]: `/proc` cannot be used any more.
    pub(crate) fn group_owner(&self) -> Result<IdOwner, Error> {
        if self.is_unreaped()? {
            return Ok(IdOwner::Original);
        }
        Ok(match self.has_group() {
            Some(true) => IdOwner::Original,
            Some(false) => IdOwner::Reused,
            // The kernel reused the pid, so the group was empty before.
            None if pid_kind(self.pid()) != PidKind::Unused => IdOwner::Reused,
            None if self.keeps_number() && group_exists(self.pid()) => IdOwner::Original,
            None if self.keeps_number() => IdOwner::Reused,
            None => IdOwner::Unknown,
        })
    }

    /// Returns whether the session with this pid as its sid is the one that this process leads or led.
    ///
    /// While the group with this id has members, so has the session. Without them, the session may still have other
    /// groups.
    ///
    /// # Errors
    /// As for [`Handle::group_owner`].
    pub(crate) fn session_owner(&self) -> Result<IdOwner, Error> {
        match self.group_owner()? {
            IdOwner::Original => Ok(IdOwner::Original),
            owner => Ok(match self.number_owner() {
                Some(owner) => owner,
                // The session may have other groups.
                None if owner == IdOwner::Reused && pid_kind(self.pid()) == PidKind::Unused => {
                    IdOwner::Unknown
                }
                None => owner,
            }),
        }
    }

    /// Returns the owner of the group and session that have the pid as their id, if it can be known.
    fn number_owner(&self) -> Option<IdOwner> {
        // A no is not believed: Linux 7 says no of a number that a group has.
        if self.is_number_in_use() == Some(true) {
            return Some(IdOwner::Original);
        }
        // The group with the number is not the one of the process.
        if self.has_group() == Some(false) && group_exists(self.pid()) {
            return Some(IdOwner::Reused);
        }
        self.keeps_number().then_some(IdOwner::Original)
    }

    /// Returns whether the number of the process cannot have been assigned to another process since.
    fn keeps_number(&self) -> bool {
        self.opened.is_some_and(reuse::pids_not_reused_since) && pid_kind(self.pid) == PidKind::Unused
    }

    /// Returns whether the kernel says that any process, group or session has the number of the process.
    fn is_number_in_use(&self) -> Option<bool> {
        let HandleKind::Pidfd(pidfd) = &self.kind else { return None };
        probe::file_handle().ok()?;
        spare_fd::with_spare(|| file_handle::is_number_in_use(pidfd.as_fd())).ok()
    }

    /// Returns whether the kernel says that the session or group that this process leads or led has members.
    pub(crate) fn leads_others(&self) -> bool {
        self.group_owner() == Ok(IdOwner::Original) || self.is_number_in_use() == Some(true)
    }
}

/// Returns whether any process, group or session still has the number of the process with this unique id. Returns `None` if
/// the kernel does not tell.
pub(crate) fn is_number_in_use(unique_id: u64) -> Option<bool> {
    // Linux 7 says no of a leader that was reaped, and has members.
    const LAST_THAT_SAYS_NO_RIGHTLY: (u32, u32) = (6, 18);
    probe::file_handle().ok()?;
    let is_in_use = || file_handle::is_inode_in_use(Pidfd::open_raw(process::own_pid())?.as_fd(), unique_id);
    let is_in_use = spare_fd::with_spare(is_in_use).ok()?;
    (is_in_use || version().is_some_and(|version| version <= LAST_THAT_SAYS_NO_RIGHTLY)).then_some(is_in_use)
}

fn delivery(handle: &Handle, sent: Result<(), Errno>, syscall: &'static str) -> Result<Delivery, Error> {
    match sent {
        Ok(()) => Ok(Delivery::Delivered),
        // The process is unreaped, but no group has its pid: it leads none.
        Err(Errno::ESRCH) if handle.is_unreaped()? => Err(Error::NotGroupLeader(handle.pid())),
        Err(Errno::ESRCH) => Ok(Delivery::Gone),
        // The group is 1. kill(2) cannot name it, as -1 means every process.
        Err(Errno::EINVAL) => Err(unsupported()),
        Err(errno) => Err(errno::of(syscall)(errno)),
    }
}

/// Returns whether any group has the id.
fn group_exists(group: Pid) -> bool {
    process::kill_group(group, 0) != Err(Errno::ESRCH)
}

fn unsupported() -> Error {
    errno::unsupported("pidfd_send_signal(PIDFD_SIGNAL_PROCESS_GROUP)")
}
