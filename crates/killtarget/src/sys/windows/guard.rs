//! The processes of a guard: how they are told from others, and what they are asked.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    errno,
    guard_board::{self, Asked, Board},
    guard_program::is_guard_program,
    handle::Handle,
};
use crate::{
    sys::types::GuardOptions,
    types::{Containment, Delivery, Error, Pid, Signal},
};

/// How long a guard that was started right before may take until it can be asked.
const START_TIMEOUT: Duration = Duration::from_secs(1);

const START_INTERVAL: Duration = Duration::from_millis(1);

impl Handle {
    /// Returns whether the process is a guard. It is told by the file of its program.
    pub(crate) fn is_guard(&self) -> bool {
        is_guard_program(&self.process)
    }

    /// Returns how the guard treats what it has started: by a job, and it keeps nothing after it has exited. It says
    /// itself whether it has left any.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn guard_options(&self) -> Option<GuardOptions> {
        Some(GuardOptions {
            containment: Containment::Kernel,
            keeps: false,
            leaves: false,
            leaves_orphans: false,
        })
    }

    /// Returns false: no process is asked to exit here.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // on Linux they are not
    pub(crate) fn tell_asked(&self, _signal: Option<Signal>, _time: Duration) -> Option<bool> {
        Some(false)
    }

    /// Returns false: a guard is one process.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn is_keeper(&self) -> bool {
        false
    }

    /// Returns false: a guard has no keeper.
    #[allow(clippy::unused_self)] // on Linux it is not
    pub(crate) fn has_adopted(&self, _child: &Self) -> bool {
        false
    }

    /// Returns false: there are no keepers.
    #[allow(clippy::unused_self)] // on Linux it is not
    pub(crate) fn is_starting(&self) -> bool {
        false
    }

    /// Returns the pid of the command of a guard, once it was started.
    pub(crate) fn kept_command(&self) -> Option<Pid> {
        self.board()?.command()
    }

    /// Returns the pid of the command of a guard, if that is known without a look.
    pub(super) fn noted_command(&self) -> Option<Pid> {
        self.board.get()?.command()
    }

    /// Returns the pid: there are no PID namespaces.
    #[allow(clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn innermost_pid(&self) -> Option<Pid> {
        Some(self.pid())
    }

    /// Opens what a guard shows, so that it can be read after the guard has exited.
    pub(crate) fn note_guard(&self) {
        self.board();
    }

    /// Returns whether a guard has said that nothing is left. Its exit alone does not show that: if it was killed, the others
    /// exit after it.
    #[allow(clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn has_said_over(&self) -> Option<bool> {
        Some(self.board().is_some_and(Board::is_over))
    }

    /// Lets nothing begin: no command waits for that.
    ///
    /// # Errors
    /// None on Windows.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn request_begin(&self) -> Result<Delivery, Error> {
        Ok(Delivery::Gone)
    }

    /// Asks a guard to end all that it has started. It exits after that. Waits for a guard that is starting.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM`, or `ENOSYS` if the guard cannot be asked, as in another session.
    pub(crate) fn request_kill(&self) -> Result<Delivery, Error> {
        let deadline = Instant::now() + START_TIMEOUT;
        while self.is_alive()? {
            match guard_board::ask(self.pid(), self.creation_time()?) {
                Asked::Done => {
                    self.board();
                    return Ok(Delivery::Delivered);
                }
                Asked::NotPermitted => return Err(errno::not_permitted("OpenEvent")),
                Asked::NotThere if Instant::now() >= deadline || self.board.get().is_some() => {
                    return Err(errno::unsupported("OpenEvent"));
                }
                Asked::NotThere => thread::sleep(START_INTERVAL),
            }
        }
        Ok(Delivery::Gone)
    }

    fn board(&self) -> Option<&Board> {
        if self.board.get().is_none()
            && let Ok(created) = self.creation_time()
            && let Some(board) = Board::open(self.pid(), created)
            // While the guard lives, no other process can have made an object with this name.
            && self.is_alive() == Ok(true)
        {
            let _ = self.board.set(board);
        }
        self.board.get()
    }
}
