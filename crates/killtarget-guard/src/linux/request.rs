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

/// The value asks for a signal to all, and tells how long they have. The number of the signal is added to the upper 16 bits.
const ASK: i32 = 0x6b80_0000;

/// The unit of that time in milliseconds.
const TIME_UNIT: u32 = 100;

pub(crate) enum Request {
    End(End),
    Begin,
    /// All were asked to exit, and have so many milliseconds.
    Asked(u32),
    Ask(Ask),
}

/// A request to ask all to exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) signal: Signal,
    /// How long they have.
    units: u16,
}

impl Ask {
    /// They have so many milliseconds.
    pub(crate) fn new(signal: Signal, time: u32) -> Self {
        Self { signal, units: u16::try_from(time.div_ceil(TIME_UNIT)).unwrap_or(u16::MAX) }
    }

    /// How many milliseconds they have.
    pub(crate) fn time(self) -> u32 {
        u32::from(self.units) * TIME_UNIT
    }

    pub(crate) fn value(self) -> i32 {
        ASK | self.signal.raw() << 16 | i32::from(self.units)
    }

    /// Returns `None` if the value is no such request.
    pub(crate) fn from_value(value: i32) -> Option<Self> {
        let signal = Signal::new((value >> 16) - (ASK >> 16))?;
        Some(Self { signal, units: u16::try_from(value & 0xFFFF).ok()? })
    }
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
            Some(Request::Asked((value & 0xFFFF).unsigned_abs() * TIME_UNIT))
        }
        value => Ask::from_value(value).map(Request::Ask),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_ask_is_read_as_it_was_queued() {
        for signal in [Signal::HUP, Signal::TERM, Signal::new(64).unwrap()] {
            for units in [0, 1, u16::MAX] {
                let ask = Ask { signal, units };
                assert_eq!(Ask::from_value(ask.value()), Some(ask));
            }
        }
        for value in [0, -1, KILL, TERMINATE, BEGIN, ASKED, ASK, ASK + (65 << 16), i32::MAX, i32::MIN] {
            assert_eq!(Ask::from_value(value), None, "{value:x}");
        }
    }
}
