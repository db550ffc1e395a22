//! How a process ended: asked as its parent, through its pidfd, or read from its zombie.

use super::{handle::Handle, handle_kind::HandleKind, probe};
use crate::{
    sys::unix::{
        errno,
        process::{self, Child},
        wait_status,
    },
    types::{Error, Exit},
};

impl Handle {
    /// Whether the process is a child of the calling one, be it a zombie.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        Ok(self.child()? != Child::No)
    }

    /// How the process ended, once it is over. Nothing is reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out now.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        if let Child::Ended(exit) = self.child()? {
            return Ok(exit);
        }
        // A zombie may be reaped while it is looked at: what it has left is there then, and was not before.
        let status = self.left_status().or_else(|| self.zombie_status()).or_else(|| self.left_status());
        Ok(status.map_or(Exit::Unknown, wait_status::from_wait_status))
    }

    fn child(&self) -> Result<Child, Error> {
        if let (HandleKind::Pidfd(pidfd), Ok(())) = (&self.kind, probe::wait()) {
            return pidfd.child().map_err(errno::of("waitid"));
        }
        let child =
            process::child(libc::P_PID, self.pid.as_raw().unsigned_abs()).map_err(errno::of("waitid"))?;
        // Asked by number: the answer is about this process if it has the number still.
        Ok(if self.is_unreaped()? { child } else { Child::No })
    }

    /// What a process that was reaped has left behind for who holds it.
    fn left_status(&self) -> Option<i32> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => pidfd.exit_status().ok()?,
            _ => None,
        }
    }

    /// What `/proc` shows of a zombie, to those who may see it. To others it shows a 0.
    fn zombie_status(&self) -> Option<i32> {
        let place = self.place();
        let status = self.stat().ok()??.exit_code?;
        // A zombie has no program: that it has none is told to those only who may know the status, too.
        let is_real = status != 0 || place.has_no_program();
        (is_real && self.is_unreaped().ok()?).then_some(status)
    }
}
