//! Waits in the calling thread. This needs no other thread and no file descriptor of its own.

use std::{
    thread,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};

use super::handle::Handle;

/// The pause after a signal has interrupted the wait.
const AFTER_INTERRUPTION: Duration = Duration::from_micros(200);

/// Sleeps until one of the processes exits, or until the deadline if there is one. May return early.
///
/// Handles without a pidfd cannot wake it. With such a handle it sleeps for the poll interval at most.
pub(crate) fn wait_for_any<'a>(
    handles: impl Iterator<Item = &'a Handle>,
    deadline: Option<Instant>,
    poll_interval: Duration,
) {
    let mut fds = Vec::new();
    let mut needs_poll = false;
    for handle in handles {
        match handle.poll_fd() {
            Some(fd) => fds.push(PollFd::new(fd, PollFlags::POLLIN)),
            None => needs_poll = true,
        }
    }
    let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let timeout = if needs_poll {
        Some(timeout.map_or(poll_interval, |left| left.min(poll_interval)))
    } else {
        timeout
    };
    // Round up to milliseconds. Rounded down, the last fraction would become a busy loop.
    let milliseconds = timeout.map_or(PollTimeout::NONE, |timeout| {
        PollTimeout::try_from(timeout + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX)
    });
    // poll(2) gives EINVAL if there are more descriptors than RLIMIT_NOFILE, which may have been lowered since. It
    // gives ENOMEM without memory, and EPERM if a seccomp profile refuses it. Without the pause, the caller would spin.
    // A filter of system calls may give EINTR each time, but after a signal there may be an exit to report.
    if let Err(errno) = poll(&mut fds, milliseconds) {
        let pause = if errno == Errno::EINTR { AFTER_INTERRUPTION } else { poll_interval };
        thread::sleep(timeout.map_or(pause, |timeout| timeout.min(pause)));
    }
}
