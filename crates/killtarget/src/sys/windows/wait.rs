//! Waiting in the calling thread, which needs no other thread.

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

/// Sleeps until one of the processes is over, or until that time (`None`: there is none). For those that can't be waited for,
/// or are too many for one call, it is woken after the pause, to look at them. It may wake for nothing.
pub(crate) fn wait_for_any<'a>(
    handles: impl Iterator<Item = &'a Handle>,
    until: Option<Instant>,
    pause: Duration,
) {
    let waitables: Vec<Option<RawHandle>> = handles.map(Handle::waitable).collect();
    let some: Vec<_> = waitables.iter().flatten().copied().take(MAXIMUM_WAIT_OBJECTS as usize).collect();
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    let left =
        if some.len() < waitables.len() { Some(left.map_or(pause, |left| left.min(pause))) } else { left };
    let Ok(count @ 1..) = u32::try_from(some.len()) else {
        return thread::sleep(left.unwrap_or(pause));
    };
    // SAFETY: so many handles, which are open.
    if unsafe { WaitForMultipleObjects(count, some.as_ptr(), 0, milliseconds(left)) } == WAIT_FAILED {
        thread::sleep(left.unwrap_or(pause).min(pause));
    }
}

/// Never too early: what is less than a millisecond would be none.
fn milliseconds(left: Option<Duration>) -> u32 {
    left.map_or(INFINITE, |left| {
        u32::try_from((left + Duration::from_micros(999)).as_millis()).unwrap_or(INFINITE - 1)
    })
}
