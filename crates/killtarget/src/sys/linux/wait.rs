//! Waiting in the calling thread, which needs no other thread and no file descriptor of its own.

use std::{
    thread,
    time::{Duration, Instant},
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::handle::Handle;

/// Sleeps until one of the processes is over, or until that time (`None`: there is none). For those that can't be
/// polled it is woken after the pause, to look at them. It may wake for nothing.
pub(crate) fn wait_for_any<'a>(
    handles: impl Iterator<Item = &'a Handle>,
    until: Option<Instant>,
    pause: Duration,
) {
    let mut fds = Vec::new();
    let mut is_blind = false;
    for handle in handles {
        match handle.poll_fd() {
            Some(fd) => fds.push(PollFd::new(fd, PollFlags::POLLIN)),
            None => is_blind = true,
        }
    }
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    let left = if is_blind { Some(left.map_or(pause, |left| left.min(pause))) } else { left };
    // Never too early: what is less than a millisecond would be none.
    let timeout = left.map_or(PollTimeout::NONE, |left| {
        PollTimeout::try_from(left + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX)
    });
    // It refuses more descriptors than the limit allows now, whoever has set that since they were opened.
    if poll(&mut fds, timeout) == Err(nix::errno::Errno::EINVAL) {
        thread::sleep(left.unwrap_or(pause).min(pause));
    }
}
