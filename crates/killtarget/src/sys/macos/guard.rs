//! The processes of a guard: how they are told from others, and what they are asked.

use std::time::Duration;

use super::{
    arguments,
    guard_arguments::{self, Role},
    handle::Handle,
    libproc, sysctl,
};
use crate::{
    sys::{
        types::GuardOptions,
        unix::{
            guard_program::{file_id, is_guard_program},
            process::read_session,
        },
    },
    types::{Containment, Delivery, Error, Pid, Signal},
};

/// SIGEMT, which the guard takes for a request. A process that may send it may send SIGKILL as well.
const KILL_ALL: Signal = Signal::from_raw(7);

impl Handle {
    /// Returns whether the process is a guard, or the keeper of one. It is told by the file of its program.
    pub(crate) fn is_guard(&self) -> bool {
        self.runs_guard() && matches!(self.role(), Some(Role::Guard | Role::Keeper(_))) && self.runs_guard()
    }

    /// The kernel sets the file after the arguments. (xnu, `exec_resettextvp` after `exec_copyout_strings`)
    fn runs_guard(&self) -> bool {
        let path = self.read_verified(|pid| Ok(libproc::program(pid))).ok().flatten();
        path.and_then(|path| file_id(&path)).is_some_and(is_guard_program)
    }

    fn role(&self) -> Option<Role> {
        let buffer = self.read_verified(|pid| Ok(sysctl::arguments(pid))).ok()??;
        Some(guard_arguments::role(arguments::split(&buffer)?.first()?))
    }

    /// Returns the options that a guard was given.
    pub(crate) fn guard_options(&self) -> Option<GuardOptions> {
        let buffer = self.read_verified(|pid| Ok(sysctl::arguments(pid))).ok()??;
        let options = guard_arguments::options(&arguments::split(&buffer)?);
        let has_session = options.has_session || read_session(self.pid()) == Ok(Some(self.pid()));
        let containment = if has_session { Containment::Session } else { Containment::SharedSession };
        Some(GuardOptions {
            containment,
            keeps: options.keeps,
            leaves: options.leaves,
            leaves_orphans: options.leaves_orphans,
        })
    }

    /// Returns whether the process of a guard is its keeper.
    pub(crate) fn is_keeper(&self) -> bool {
        matches!(self.role(), Some(Role::Keeper(_)))
    }

    /// Returns false: an orphan has another parent.
    #[allow(clippy::unused_self)] // on Linux it is not
    pub(crate) fn has_adopted(&self, _child: &Self) -> bool {
        false
    }

    /// Returns false: a keeper that has no command yet looks like one whose command has exited.
    #[allow(clippy::unused_self)] // on Linux it is not
    pub(crate) fn is_starting(&self) -> bool {
        false
    }

    /// Returns the pid of the command, or `None` once the guard has reaped the command.
    pub(crate) fn kept_command(&self) -> Option<Pid> {
        match self.role()? {
            Role::Keeper(Some(pid)) => Pid::new(pid).ok(),
            _ => None,
        }
    }

    /// Returns the pid: there are no PID namespaces.
    #[allow(clippy::unnecessary_wraps)] // on Linux it is not
    pub(crate) fn innermost_pid(&self) -> Option<Pid> {
        Some(self.pid())
    }

    /// Does nothing: the keeper outlives the guard, and its exit proves that nothing is left.
    #[allow(clippy::unused_self)] // on Windows it is not
    pub(crate) fn note_guard(&self) {}

    /// Returns `None`: a guard of this system does not say that nothing is left.
    #[allow(clippy::unused_self)] // on Windows it is not
    pub(crate) fn has_said_over(&self) -> Option<bool> {
        None
    }

    /// Asks a guard to kill all that it has started. It exits after that.
    ///
    /// # Errors
    /// As for [`Handle::signal`].
    pub(crate) fn request_kill(&self) -> Result<Delivery, Error> {
        self.signal(KILL_ALL)
    }

    /// Returns false: there are no signals that carry a value. The keeper may ask the same processes once more.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // on Linux they are not
    pub(crate) fn tell_asked(&self, _signal: Option<Signal>, _time: Duration) -> Option<bool> {
        Some(false)
    }

    /// Lets the command of a guard begin. A guard whose command waits takes SIGCONT for that.
    ///
    /// # Errors
    /// As for [`Handle::signal`].
    pub(crate) fn request_begin(&self) -> Result<Delivery, Error> {
        self.signal(Signal::CONT)
    }
}
