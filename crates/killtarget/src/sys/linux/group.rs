//! Signals the process group that a process leads or led.
//!
//! The kernel does not reuse a pgid while the group has members or its leader is unreaped. The same holds for a
//! session. `alloc_pid` in the kernel takes a number without a `struct pid`, and each process, group and session has
//! one.

use std::os::fd::AsFd;

use nix::errno::Errno;

use super::{
    file_handle,
    handle::Handle,
    handle_kind::HandleKind,
    pid_lookup::{PidKind, pid_kind},
    pidfd::{self, SignalScope},
    probe, spare_fd,
};
use crate::{
    sys::{
        types::IdOwner,
        unix::{errno, process},
    },
    types::{Delivery, Error, Pid, Signal},
};

impl Handle {
    /// Signals the group that this process leads or led. Its id is the pid of this process.
    ///
    /// # Errors
    /// - [`Error::NotGroupLeader`]: the process does not lead a group.
    /// - [`Error::Os`]: `EPERM` if no member may be signalled.
    /// - [`Error::Os`]: `ENOSYS` before Linux 6.9 if the leader was reaped and the group may still exist.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        match self.signal_fd() {
            Some(fd) if probe::group_signal().is_ok() => {
                let sent = pidfd::send(fd, signal.as_raw(), SignalScope::Group);
                delivery(self, sent, "pidfd_send_signal")
            }
            _ if self.is_unreaped()? => {
                let sent = process::kill_group(self.pid(), signal.as_raw());
                delivery(self, sent, "kill")
            }
            _ => group_after_leader(self.pid()),
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
        match self.signal_fd() {
            Some(fd) if probe::group_signal().is_ok() => match pidfd::send(fd, 0, SignalScope::Group) {
                Err(Errno::ESRCH) => Ok(IdOwner::Reused),
                _ => Ok(IdOwner::Original),
            },
            // The kernel reused the pid, so the group was empty before.
            _ if pid_kind(self.pid()) != PidKind::Unused => Ok(IdOwner::Reused),
            _ => Ok(IdOwner::Unknown),
        }
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

    /// Returns the owner of the group and session that have the pid as their id, if the kernel knows it.
    fn number_owner(&self) -> Option<IdOwner> {
        let HandleKind::Pidfd(pidfd) = &self.kind else { return None };
        probe::file_handle().ok()?;
        let is_in_use = spare_fd::with_spare(|| file_handle::is_number_in_use(pidfd.as_fd())).ok()?;
        Some(if is_in_use { IdOwner::Original } else { IdOwner::Reused })
    }
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

/// Returns whether a group is gone after its leader was reaped. The pgid may have been reused, so this sends nothing.
fn group_after_leader(group: Pid) -> Result<Delivery, Error> {
    let is_gone = match pid_kind(group) {
        // The kernel reused the pid, so the group was empty before.
        PidKind::Process | PidKind::Thread => true,
        PidKind::Unused => process::kill_group(group, 0) == Err(Errno::ESRCH),
    };
    // A group that exists may be another one: its leader reused the pid and was reaped.
    if is_gone { Ok(Delivery::Gone) } else { Err(unsupported()) }
}

fn unsupported() -> Error {
    errno::unsupported("pidfd_send_signal(PIDFD_SIGNAL_PROCESS_GROUP)")
}
