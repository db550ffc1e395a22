//! Reports the exit of a process as an event of the poller.

use polling::{Event, Poller};

use super::handle::Handle;
use crate::{sys::unix::errno, types::Error};

impl Handle {
    /// Registers the process with the poller, which sends an event with this key once the process has exited. Returns
    /// false without a pidfd: the caller must then poll [`Handle::is_alive`].
    ///
    /// # Errors
    /// [`Error::Os`]: `epoll_ctl(2)` failed.
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(fd) = self.poll_fd() else { return Ok(false) };
        // SAFETY: the caller keeps the handle, and with it the pidfd, until it calls `unwatch`.
        unsafe { poller.add(&fd, Event::readable(key)) }.map_err(errno::of_io("epoll_ctl"))?;
        Ok(true)
    }

    /// Removes the process from the poller.
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if let Some(fd) = self.poll_fd() {
            // This fails only for a descriptor that is not registered.
            let _ = poller.delete(fd);
        }
    }
}
