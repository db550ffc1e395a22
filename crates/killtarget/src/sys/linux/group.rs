//! Signalling the process group that a process leads or led.
//!
//! A group's number belongs to it while it has members, and to its leader until that is reaped: no other process,
//! group or session gets the number before both are over. (`alloc_pid` in the kernel hands out numbers that have no
//! `struct pid`, and all of these hold one.)

use nix::errno::Errno;

use super::{
    handle::Handle,
    pid_lookup::{PidKind, pid_kind},
    pidfd::{self, SignalScope},
    probe,
};
use crate::{
    sys::{
        types::IdOwner,
        unix::{errno, process},
    },
    types::{Delivery, Error, Pid, Signal},
};

impl Handle {
    /// Signals the group whose id is this process's pid, which this process leads or led.
    ///
    /// # Errors
    /// [`Error::NotGroupLeader`]. [`Error::Os`]: `EPERM`; `ENOSYS` before 6.9 once the leader has been reaped.
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
            _ => after_the_leader(self.pid()),
        }
    }

    /// Whether [`Handle::signal_group`] signals nothing by number.
    pub(crate) fn group_race_free(&self) -> bool {
        self.signal_fd().is_some() && probe::group_signal().is_ok()
    }

    /// Whether the group that has this process's pid is the one that this process leads or led. What was read of the
    /// group before that is then about it: once the number is free, it never comes back to this group.
    ///
    /// # Errors
    /// [`Error::Os`], [`Error::IdentityUnavailable`] where it can't be found out.
    pub(crate) fn group_owner(&self) -> Result<IdOwner, Error> {
        if self.is_unreaped()? {
            return Ok(IdOwner::Original);
        }
        match self.signal_fd() {
            Some(fd) if probe::group_signal().is_ok() => match pidfd::send(fd, 0, SignalScope::Group) {
                Err(Errno::ESRCH) => Ok(IdOwner::Reused),
                _ => Ok(IdOwner::Original),
            },
            // The number was given away, so the group had ended before.
            _ if pid_kind(self.pid()) != PidKind::Unused => Ok(IdOwner::Reused),
            _ => Ok(IdOwner::Unknown),
        }
    }

    /// Whether the session that has this process's pid is the one that this process leads or led. While the group of that
    /// number has members, so has its session; without them the session may go on in others.
    ///
    /// # Errors
    /// As for [`Handle::group_owner`].
    pub(crate) fn session_owner(&self) -> Result<IdOwner, Error> {
        match self.group_owner()? {
            IdOwner::Reused if pid_kind(self.pid()) == PidKind::Unused => Ok(IdOwner::Unknown),
            owner => Ok(owner),
        }
    }
}

fn delivery(handle: &Handle, sent: Result<(), Errno>, syscall: &'static str) -> Result<Delivery, Error> {
    match sent {
        Ok(()) => Ok(Delivery::Delivered),
        // No group has the number, while its process is there: it leads none.
        Err(Errno::ESRCH) if handle.is_unreaped()? => Err(Error::NotGroupLeader(handle.pid())),
        Err(Errno::ESRCH) => Ok(Delivery::Gone),
        // Group 1, whose number kill(2) can't say.
        Err(Errno::EINVAL) => Err(unsupported()),
        Err(errno) => Err(errno::of(syscall)(errno)),
    }
}

/// What can be said of a group by its number alone, once nothing pins that: nothing is sent.
fn after_the_leader(group: Pid) -> Result<Delivery, Error> {
    let over = match pid_kind(group) {
        // The number was given away, so the group had ended before.
        PidKind::Process | PidKind::Thread => true,
        PidKind::Unused => process::kill_group(group, 0) == Err(Errno::ESRCH),
    };
    // If not over it may be ours, or one whose leader took the number and has ended since.
    if over { Ok(Delivery::Gone) } else { Err(unsupported()) }
}

fn unsupported() -> Error {
    errno::unsupported("pidfd_send_signal(PIDFD_SIGNAL_PROCESS_GROUP)")
}
