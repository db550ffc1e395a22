//! Waiting in the calling thread, which needs no other thread.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::handle::Handle;

/// Sleeps for the pause, or until that time: the processes are to be looked at then.
pub(crate) fn wait_for_any<'a>(_: impl Iterator<Item = &'a Handle>, until: Option<Instant>, pause: Duration) {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    thread::sleep(left.map_or(pause, |left| left.min(pause)));
}
