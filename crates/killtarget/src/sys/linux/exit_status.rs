//! The exit status: from `waitid(2)` for a child, through a pidfd, or from the zombie's entry in `/proc`.

use super::{first_thread, handle::Handle, handle_kind::HandleKind, probe};
use crate::{
    sys::unix::{
        errno,
        process::{self, Child},
        wait_status,
    },
    types::{Error, Exit},
};

impl Handle {
    /// Returns whether the process is a child of the calling process. A zombie still is one.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        Ok(self.child()? != Child::No)
    }

    /// Returns the exit status of a process that has exited. Reaps nothing.
    ///
    /// # Errors
    /// [`Error::Os`]: a system call failed.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        let exit = match self.child()? {
            Child::Exited(exit) => exit,
            Child::No | Child::Running => {
                // The zombie may be reaped between the first two reads. The pidfd has the status only after that.
                let status =
                    self.reaped_status().or_else(|| self.zombie_status()).or_else(|| self.reaped_status());
                status.map_or(Exit::Unknown, wait_status::from_wait_status)
            }
        };
        let is_certain = !first_thread::may_have_status(exit)
            // The process is still unreaped, so the check was of this one.
            || first_thread::had_one_thread(self.pid) && self.is_unreaped()?;
        Ok(if is_certain { exit } else { Exit::Unknown })
    }

    fn child(&self) -> Result<Child, Error> {
        if let (HandleKind::Pidfd(pidfd), Ok(())) = (&self.kind, probe::wait()) {
            return pidfd.child().map_err(errno::of("waitid"));
        }
        let child =
            process::child(libc::P_PID, self.pid.as_raw().unsigned_abs()).map_err(errno::of("waitid"))?;
        // waitid(2) looked up the pid. If the process is unreaped afterwards, its pid was not reused before.
        Ok(if self.is_unreaped()? { child } else { Child::No })
    }

    /// Returns the status that the kernel keeps for open pidfds after the process was reaped.
    fn reaped_status(&self) -> Option<i32> {
        match &self.kind {
            HandleKind::Pidfd(pidfd) => pidfd.exit_status().ok()?,
            _ => None,
        }
    }

    /// Returns the status in the zombie's entry in `/proc`. The kernel shows 0 if the caller may not read it.
    fn zombie_status(&self) -> Option<i32> {
        let entry = self.proc_entry().ok()?;
        let status = self.stat().ok()??.exit_code?;
        // A zombie has no program. The kernel says so only to a caller that may read the status as well.
        let is_real = status != 0 || entry.has_no_program();
        (is_real && self.is_unreaped().ok()?).then_some(status)
    }
}
