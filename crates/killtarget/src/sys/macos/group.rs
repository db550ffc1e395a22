//! Signalling the process group that a process leads or led, by its number, while that is known to be the group's: no process
//! is given the number of a group or session that has members. (xnu, `bsd/kern/kern_fork.c`: `pgrp_find`, `session_find`.)

use nix::errno::Errno;

use super::{handle::Handle, libproc};
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
    /// [`Error::NotGroupLeader`]. [`Error::Os`]: `EPERM`; `ENOSYS` once the leader has been reaped.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        let group = self.pid();
        if !self.is_unreaped()? {
            return after_the_leader(group);
        }
        match process::kill_group(group, signal.as_raw()) {
            Ok(()) => Ok(Delivery::Delivered),
            // No group has the number, while its process is there: it leads none.
            Err(Errno::ESRCH) if self.is_unreaped()? => Err(Error::NotGroupLeader(group)),
            Err(Errno::ESRCH) => Ok(Delivery::Gone),
            // Nothing can signal a process that is ending.
            Err(Errno::EPERM) => match is_over(group) {
                Some(true) => Ok(Delivery::Gone),
                None if libproc::is_ending(group) == Ok(true) => Err(unsupported()),
                _ => Err(errno::of("kill")(Errno::EPERM)),
            },
            // kill(2) has no way to name group 1.
            Err(Errno::EINVAL) => Err(unsupported()),
            Err(errno) => Err(errno::of("kill")(errno)),
        }
    }

    /// Groups are signalled by number.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn group_race_free(&self) -> bool {
        false
    }

    /// Whether the group that has this process's pid is the one that this process leads or led.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn group_owner(&self) -> Result<IdOwner, Error> {
        if self.is_unreaped()? {
            return Ok(IdOwner::Original);
        }
        // The number was given away, so the group had ended before.
        Ok(if is_given(self.pid()) { IdOwner::Reused } else { IdOwner::Unknown })
    }

    /// As [`Handle::group_owner`].
    pub(crate) fn session_owner(&self) -> Result<IdOwner, Error> {
        self.group_owner()
    }
}

/// What can be said of a group by its number alone, once nothing pins that: nothing is sent.
fn after_the_leader(group: Pid) -> Result<Delivery, Error> {
    let over =
        is_given(group) || process::kill_group(group, 0) == Err(Errno::ESRCH) || is_over(group) == Some(true);
    // If not over it may be ours, or one whose leader took the number and has ended since.
    if over { Ok(Delivery::Gone) } else { Err(unsupported()) }
}

fn is_given(pid: Pid) -> bool {
    process::kill(pid, 0) != Err(Errno::ESRCH) || !matches!(libproc::unique(pid), Ok(None))
}

/// Whether all in the group are ending, or zombies. `None`: they can't be listed.
fn is_over(group: Pid) -> Option<bool> {
    let is_ending = |pid: &Pid| libproc::is_ending(*pid) == Ok(true);
    libproc::members(group).map(|members| members.iter().all(is_ending))
}

fn unsupported() -> Error {
    errno::unsupported("killpg")
}
