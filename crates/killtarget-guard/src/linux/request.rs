//! A request from another process: a real-time signal that was queued with a magic value.
//!
//! A queued signal works from any process that may signal the guard, with any spawner, and without a file or a socket that could
//! be missing.

use crate::{
    sys::Received,
    types::{End, Signal},
};

/// The value asks for SIGKILL at once.
const KILL: i32 = 0x006b_7402;

/// The value asks for the grace period first.
const TERMINATE: i32 = KILL | 1;

/// The value lets a command begin that waits for it. Only the keeper takes it.
const BEGIN: i32 = KILL | 4;

/// The value tells that all were asked to exit, and how long they have, in its last 16 bits.
const ASKED: i32 = 0x6b75_0000;

/// The unit of that time in milliseconds.
const ASKED_UNIT: u32 = 100;

pub(crate) enum Request {
    End(End),
    Begin,
    /// All were asked to exit, and have so many milliseconds.
    Asked(u32),
}

/// The value that tells a keeper that all below it were asked, and have its own grace period.
pub(crate) const fn asked() -> i32 {
    ASKED
}

/// Returns what a signal requests, or `None` if it is an ordinary signal.
pub(crate) fn of(received: &Received) -> Option<Request> {
    if received.signal != Signal::REQUEST || !received.is_queued() {
        return None;
    }
    match received.value {
        KILL => Some(Request::End(End::Kill)),
        TERMINATE => Some(Request::End(End::Terminate)),
        BEGIN => Some(Request::Begin),
        value if value & !0xFFFF == ASKED => {
            Some(Request::Asked((value & 0xFFFF).unsigned_abs() * ASKED_UNIT))
        }
        _ => None,
    }
}
