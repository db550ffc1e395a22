//! The end of a process as an event of the poller.

use polling::{Event, PollMode, Poller, os::iocp::PollerIocpExt};

use super::handle::Handle;
use crate::types::Error;

impl Handle {
    /// Has the poller tell, under the key, when the process is over. False: it can't, so the process must be looked at.
    ///
    /// # Errors
    /// None here.
    #[allow(clippy::unnecessary_wraps)] // as on other systems
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(handle) = self.waitable() else { return Ok(false) };
        // SAFETY: whoever watches a handle keeps it until it was unwatched.
        let added = unsafe { poller.add_waitable(handle, Event::readable(key), PollMode::Oneshot) };
        if added.is_err() {
            // The poller has taken note of it all the same.
            self.unwatch(poller);
        }
        Ok(added.is_ok())
    }

    /// Ends [`Handle::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if self.waitable().is_some() {
            // It fails for what is not watched only.
            let _ = poller.remove_waitable(&self.process);
        }
    }
}
