//! The exit of a process, as an event of the poller.

use polling::{Event, PollMode, Poller, os::iocp::PollerIocpExt};

use super::handle::Handle;
use crate::types::Error;

impl Handle {
    /// Registers the process with the poller, for an event with this key at its exit. Returns false if that is not
    /// possible: the caller must poll the process.
    ///
    /// # Errors
    /// None on Windows.
    #[allow(clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(handle) = self.waitable() else { return Ok(false) };
        // SAFETY: the handle stays open until `unwatch`: the reactor keeps it that long.
        let added = unsafe { poller.add_waitable(handle, Event::readable(key), PollMode::Oneshot) };
        if added.is_err() {
            // The poller keeps the registration even so.
            self.unwatch(poller);
        }
        Ok(added.is_ok())
    }

    /// Removes the registration of [`Handle::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if self.waitable().is_some() {
            // It fails only if the process is not registered.
            let _ = poller.remove_waitable(&self.process);
        }
    }
}
