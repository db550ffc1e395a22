//! Signals a process group by its id, as long as the kernel pins that id.
//!
//! The kernel gives no process the id of a group or session that has members.
//! (xnu, `bsd/kern/kern_fork.c`: `pgrp_find`, `session_find`)

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
    /// Signals the process group that this process leads. The leader may be a zombie.
    ///
    /// # Errors
    /// - [`Error::NotGroupLeader`]: the process leads no group.
    /// - [`Error::Os`]: `EPERM`, or `ENOSYS` once the leader has been reaped.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        let pgid = self.pid();
        if !self.is_unreaped()? {
            return after_reap(pgid);
        }
        match process::kill_group(pgid, signal.as_raw()) {
            Ok(()) => Ok(Delivery::Delivered),
            // The process still exists, and no group has its pid: it leads none.
            Err(Errno::ESRCH) if self.is_unreaped()? => Err(Error::NotGroupLeader(pgid)),
            Err(Errno::ESRCH) => Ok(Delivery::Gone),
            // The kernel also returns EPERM if every member is exiting: no signal reaches such a process.
            Err(Errno::EPERM) => match are_all_exiting(pgid) {
                Some(true) => Ok(Delivery::Gone),
                None if libproc::is_exiting(pgid) == Ok(true) => Err(unsupported()),
                _ => Err(errno::of("kill")(Errno::EPERM)),
            },
            // kill(2) cannot address group 1.
            Err(Errno::EINVAL) => Err(unsupported()),
            Err(errno) => Err(errno::of("kill")(errno)),
        }
    }

    /// Returns false: macOS signals a group by pgid only.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn group_race_free(&self) -> bool {
        false
    }

    /// Returns whether the group with this process's pid as its pgid is this process's own.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn group_owner(&self) -> Result<IdOwner, Error> {
        if self.is_unreaped()? {
            return Ok(IdOwner::Original);
        }
        // The kernel reuses the pid only after the group has ended.
        Ok(if is_in_use(self.pid()) { IdOwner::Reused } else { IdOwner::Unknown })
    }

    /// Returns whether the session with this process's pid as its sid is this process's own.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn session_owner(&self) -> Result<IdOwner, Error> {
        self.group_owner()
    }

    /// Returns whether the session or group that this process leads or led is known to have members.
    pub(crate) fn leads_others(&self) -> bool {
        self.session_owner() == Ok(IdOwner::Original)
    }
}

/// Returns `Gone` if the group of a reaped leader has certainly ended, else `ENOSYS`. Sends nothing.
fn after_reap(pgid: Pid) -> Result<Delivery, Error> {
    let has_ended = is_in_use(pgid)
        || process::kill_group(pgid, 0) == Err(Errno::ESRCH)
        || are_all_exiting(pgid) == Some(true);
    // Otherwise the group is unverified. A process may have reused the pid, led a new group and exited.
    if has_ended { Ok(Delivery::Gone) } else { Err(unsupported()) }
}

/// Returns whether a process has this pid now.
fn is_in_use(pid: Pid) -> bool {
    process::kill(pid, 0) != Err(Errno::ESRCH) || !matches!(libproc::unique_info(pid), Ok(None))
}

/// Returns whether every member of the group is exiting or a zombie. Returns `None` if the kernel refuses the list.
fn are_all_exiting(pgid: Pid) -> Option<bool> {
    let is_exiting = |pid: &Pid| libproc::is_exiting(*pid) == Ok(true);
    libproc::group_members(pgid).map(|members| members.iter().all(is_exiting))
}

fn unsupported() -> Error {
    errno::unsupported("killpg")
}
