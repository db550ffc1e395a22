//! The exit of a process, as an event of the poller.

use std::{num::NonZeroI32, sync::atomic::Ordering};

use polling::{
    PollMode, Poller,
    os::kqueue::{PollerKqueueExt, Process, ProcessOps},
};

use super::{handle::Handle, parent, run_state};
use crate::types::Error;

impl Handle {
    /// Registers the process with the poller, for an event with this key at its exit. Returns false if that is not
    /// possible: the caller must poll the process.
    ///
    /// # Errors
    /// None on macOS.
    #[allow(clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(process) = self.exit_filter() else { return Ok(false) };
        match poller.add_filter(process, key, PollMode::Oneshot) {
            Ok(()) => self.is_watched.store(true, Ordering::Relaxed),
            // Another handle has registered the process.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            Err(_) => {
                self.delete_filter(poller);
                return Ok(false);
            }
        }
        // The registration goes by pid, so the process is verified after it. A traced process is polled: its debugger
        // gets the exit first. Other watchers get it once the debugger has waited.
        let sends_event = |info: libc::proc_bsdshortinfo| {
            !run_state::is_zombie(info.pbsi_status) && !parent::is_traced(info.pbsi_flags)
        };
        if self.short_info().ok().flatten().is_some_and(sends_event) {
            return Ok(true);
        }
        self.unwatch(poller);
        Ok(false)
    }

    /// Removes the registration of [`Handle::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if self.is_watched.swap(false, Ordering::Relaxed) {
            self.delete_filter(poller);
        }
    }

    fn exit_filter(&self) -> Option<Process<'_>> {
        let pid = NonZeroI32::new(self.pid.as_raw())?;
        // SAFETY: the kernel accepts any pid, and returns an error if no process has it.
        Some(unsafe { Process::from_pid(pid, ProcessOps::Exit) })
    }

    fn delete_filter(&self, poller: &Poller) {
        if let Some(process) = self.exit_filter() {
            // It fails only if the process is not registered.
            let _ = poller.delete_filter(process);
        }
    }
}
