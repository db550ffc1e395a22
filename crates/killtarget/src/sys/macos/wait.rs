//! Waits for processes in the calling thread.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::handle::Handle;

/// Sleeps for the poll interval, or until the deadline if that comes first. The caller polls the processes then.
pub(crate) fn wait_for_any<'a>(
    _: impl Iterator<Item = &'a Handle>,
    deadline: Option<Instant>,
    interval: Duration,
) {
    let remaining = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    thread::sleep(remaining.map_or(interval, |remaining| remaining.min(interval)));
}
