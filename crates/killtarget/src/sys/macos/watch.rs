//! The end of a process as an event of the poller.

use std::{num::NonZeroI32, sync::atomic::Ordering};

use polling::{
    PollMode, Poller,
    os::kqueue::{PollerKqueueExt, Process, ProcessOps},
};

use super::{handle::Handle, parent, run_state};
use crate::types::Error;

impl Handle {
    /// Has the poller tell, under the key, when the process is over. False: it can't, so the process must be looked at.
    ///
    /// # Errors
    /// None here.
    #[allow(clippy::unnecessary_wraps)] // as on other systems
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(process) = self.ending() else { return Ok(false) };
        match poller.add_filter(process, key, PollMode::Oneshot) {
            Ok(()) => self.watched.store(true, Ordering::Relaxed),
            // Another handle watches it.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            Err(_) => {
                self.forget(poller);
                return Ok(false);
            }
        }
        // The number may have been another's already. And a debugger is told first: the others once it has taken note.
        let tells = |found: libc::proc_bsdshortinfo| {
            !run_state::is_zombie(found.pbsi_status) && !parent::is_debugged(found.pbsi_flags)
        };
        if self.short().ok().flatten().is_some_and(tells) {
            return Ok(true);
        }
        self.unwatch(poller);
        Ok(false)
    }

    /// Ends [`Handle::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if self.watched.swap(false, Ordering::Relaxed) {
            self.forget(poller);
        }
    }

    fn ending(&self) -> Option<Process<'_>> {
        let number = NonZeroI32::new(self.pid.as_raw())?;
        // SAFETY: the kernel takes any number, and says so where nobody has it.
        Some(unsafe { Process::from_pid(number, ProcessOps::Exit) })
    }

    fn forget(&self, poller: &Poller) {
        if let Some(process) = self.ending() {
            // It fails for what is not watched only.
            let _ = poller.delete_filter(process);
        }
    }
}
