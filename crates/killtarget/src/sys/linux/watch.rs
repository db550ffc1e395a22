//! The end of a process as an event of the poller.

use polling::{Event, Poller};

use super::handle::Handle;
use crate::{sys::unix::errno, types::Error};

impl Handle {
    /// Has the poller tell, under the key, when the process is over. False: it can't, so the process must be looked at.
    ///
    /// # Errors
    /// [`Error::Os`].
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(fd) = self.poll_fd() else { return Ok(false) };
        // SAFETY: whoever watches a handle keeps it until it was unwatched.
        unsafe { poller.add(&fd, Event::readable(key)) }.map_err(errno::of_io("epoll_ctl"))?;
        Ok(true)
    }

    /// Ends [`Handle::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if let Some(fd) = self.poll_fd() {
            // It fails for what is not watched only.
            let _ = poller.delete(fd);
        }
    }
}
