//! How a process ended: asked as its parent, or read from what it left.

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

/// How long it may take from the moment when the end of a process is told to that in which it is a zombie: a few instructions,
/// on a machine that has time for them.
const ZOMBIE_TIMEOUT: Duration = Duration::from_secs(1);
const ZOMBIE_POLL_INTERVAL: Duration = Duration::from_micros(50);

impl Handle {
    /// Whether the process is a child of the calling one, be it a zombie.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        let Some(caller) = Self::open(process::own_pid(), Verification::Required)? else { return Ok(false) };
        let is_listed = || libproc::children(caller.pid).is_some_and(|children| children.contains(&self.pid));
        Ok(match self.ppid_owner(&caller)? {
            Some(IdOwner::Original) => true,
            // Of who is debugged by another, and has called exec since, only the list tells.
            Some(IdOwner::Unknown) => is_listed() && self.is_unreaped()?,
            Some(IdOwner::Reused) | None => false,
        })
    }

    /// How the process ended, once it is over. Nothing is reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out now.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        // First of all, as whoever has started it may reap it at any time.
        let status = self.status();
        self.await_zombie();
        match (status, self.child()?) {
            (_, Child::Ended(exit)) => Ok(exit),
            (status, _) => Ok(status.map_or(Exit::Unknown, wait_status::from_wait_status)),
        }
    }

    /// How it has ended, or will once all its threads have. Of other users' processes nothing is told.
    fn status(&self) -> Option<i32> {
        // The status is written before. (xnu, `exit_with_reason`: `p_xstat`, then `proc_prepareexit`)
        let is_ending = libproc::is_ending(self.pid) == Ok(true);
        let found = self.about(libproc::full).ok()??;
        is_ending.then_some(found.pbi_xstatus.cast_signed())
    }

    /// Its end is told a moment before it is a zombie: until then it can't be waited for, and seems to live. (xnu, `proc_exit`:
    /// `NOTE_EXIT`, then `SZOMB`.)
    fn await_zombie(&self) {
        let active = Instant::now();
        let is_between = || libproc::is_ending(self.pid) == Ok(true) && self.is_alive() == Ok(true);
        while is_between() && active.elapsed() < ZOMBIE_TIMEOUT {
            thread::sleep(ZOMBIE_POLL_INTERVAL);
        }
    }

    fn child(&self) -> Result<Child, Error> {
        let number = self.pid.as_raw().unsigned_abs();
        let child = process::child(libc::P_PID, number).map_err(errno::of("waitid"))?;
        // Asked by number: the answer is about this process if it has the number still.
        Ok(if self.is_unreaped()? { child } else { Child::No })
    }
}
