//! The exit status of a process: from `waitid(2)` for a child, else from `proc_bsdinfo`.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{handle::Handle, libproc};
use crate::{
    sys::{
        types::IdOwner,
        unix::{
            errno,
            process::{self, Child},
            wait_status,
        },
    },
    types::{Error, Exit, Verification},
};

/// Limits the wait for the zombie state after `NOTE_EXIT`. The kernel needs a few instructions; a busy machine delays them.
const ZOMBIE_TIMEOUT: Duration = Duration::from_secs(1);
const ZOMBIE_POLL_INTERVAL: Duration = Duration::from_micros(50);

impl Handle {
    /// Returns whether the process is a child of the calling process. A zombie counts.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        let Some(caller) = Self::open(process::own_pid(), Verification::Required)? else { return Ok(false) };
        let is_listed = || libproc::children(caller.pid).is_some_and(|children| children.contains(&self.pid));
        Ok(match self.ppid_owner(&caller)? {
            Some(IdOwner::Original) => true,
            // A traced process that has called exec names only its debugger. The list still has it under its parent.
            Some(IdOwner::Unknown) => is_listed() && self.is_unreaped()?,
            Some(IdOwner::Reused) | None => false,
        })
    }

    /// Returns the exit status, once the process has exited. Reaps nothing.
    ///
    /// # Errors
    /// [`Error::Os`] if `waitid` or `proc_pidinfo` fails.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        // Read first: the parent may reap the process at any time.
        let status = self.wait_status();
        self.await_zombie();
        match (status, self.child()?) {
            (_, Child::Exited(exit)) => Ok(exit),
            (status, _) => Ok(status.map_or(Exit::Unknown, wait_status::from_wait_status)),
        }
    }

    /// Returns the wait status of a process that has begun to exit. Returns `None` for another user's process.
    fn wait_status(&self) -> Option<i32> {
        // Checked before the read: the kernel writes the status, then marks the process as exiting.
        // (xnu, `exit_with_reason`: `p_xstat`, then `proc_prepareexit`)
        let is_exiting = libproc::is_exiting(self.pid) == Ok(true);
        let info = self.read_verified(libproc::full_info).ok()??;
        is_exiting.then_some(info.pbi_xstatus.cast_signed())
    }

    /// Waits until an exiting process is a zombie.
    ///
    /// The kernel sends the exit event before that. In between, `waitid` does not report the exit and the process
    /// seems alive. (xnu, `proc_exit`: `NOTE_EXIT`, then `SZOMB`)
    fn await_zombie(&self) {
        let start = Instant::now();
        let is_exiting = || libproc::is_exiting(self.pid) == Ok(true) && self.is_alive() == Ok(true);
        while is_exiting() && start.elapsed() < ZOMBIE_TIMEOUT {
            thread::sleep(ZOMBIE_POLL_INTERVAL);
        }
    }

    fn child(&self) -> Result<Child, Error> {
        let id = self.pid.as_raw().unsigned_abs();
        let child = process::child(libc::P_PID, id).map_err(errno::of("waitid"))?;
        // waitid went by the pid: its answer is about this process only if that still has the pid.
        Ok(if self.is_unreaped()? { child } else { Child::No })
    }
}
