//! Waits for processes in the calling thread.

use std::{
    os::windows::io::RawHandle,
    thread,
    time::{Duration, Instant},
};

use windows_sys::Win32::{
    Foundation::WAIT_FAILED,
    System::{
        SystemServices::MAXIMUM_WAIT_OBJECTS,
        Threading::{INFINITE, WaitForMultipleObjects},
    },
};

use super::handle::Handle;

/// Sleeps until one of the processes exits, or until the deadline.
///
/// A handle may lack the right to wait, and one call waits for a limited number of handles. For the other processes, it
/// returns after the poll interval: the caller polls them then. It may return early.
pub(crate) fn wait_for_any<'a>(
    handles: impl Iterator<Item = &'a Handle>,
    deadline: Option<Instant>,
    interval: Duration,
) {
    let waitables: Vec<Option<RawHandle>> = handles.map(Handle::waitable).collect();
    let waited: Vec<_> = waitables.iter().flatten().copied().take(MAXIMUM_WAIT_OBJECTS as usize).collect();
    let remaining = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let needs_poll = waited.len() < waitables.len();
    let timeout =
        if needs_poll { Some(remaining.map_or(interval, |left| left.min(interval))) } else { remaining };
    let Ok(count @ 1..) = u32::try_from(waited.len()) else {
        return thread::sleep(timeout.unwrap_or(interval));
    };
    // SAFETY: the pointer is to `count` handles, which stay open during the call.
    if unsafe { WaitForMultipleObjects(count, waited.as_ptr(), 0, milliseconds(timeout)) } == WAIT_FAILED {
        thread::sleep(timeout.unwrap_or(interval).min(interval));
    }
}

/// Rounds up to whole milliseconds: rounded down, a shorter timeout would be none.
fn milliseconds(timeout: Option<Duration>) -> u32 {
    timeout.map_or(INFINITE, |timeout| {
        u32::try_from((timeout + Duration::from_micros(999)).as_millis()).unwrap_or(INFINITE - 1)
    })
}
