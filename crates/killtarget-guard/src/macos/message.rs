//! What guard and keeper tell each other.

use std::os::fd::BorrowedFd;

use crate::{
    sys,
    types::{Pid, Signal},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// From the keeper: it counts signals.
    Ready,
    /// From the guard: count anew from here on. The keeper is ready after that.
    Reset,
    /// From the guard: the command's process exists.
    Command(Pid),
    /// From the guard: how often did the keeper get this signal?
    Count(Signal),
    /// From the keeper: so often, in all.
    Counted(Signal, u32),
    /// From the guard: it stops itself, as the command has stopped. The keeper continues it.
    Stops,
    /// From the guard: the command has exited.
    Exited,
    /// From the guard, its last message: the keeper keeps what is left.
    Keep,
}

/// What was received.
pub(crate) enum Received {
    Message(Message),
    Nothing,
    /// The other end is closed: its process has exited.
    Closed,
}

/// The kind of a message, a signal or a pid, and a number. One is as long as another, so a stream keeps their bounds.
type Bytes = [[u8; 4]; 3];

impl Message {
    /// Returns whether the other end took it.
    pub(crate) fn send(self, socket: BorrowedFd) -> bool {
        let (kind, value, count): (u32, i32, u32) = match self {
            Self::Ready => (0, 0, 0),
            Self::Command(pid) => (1, pid.raw(), 0),
            Self::Count(signal) => (2, signal.raw(), 0),
            Self::Counted(signal, count) => (3, signal.raw(), count),
            Self::Stops => (4, 0, 0),
            Self::Exited => (5, 0, 0),
            Self::Keep => (6, 0, 0),
            Self::Reset => (7, 0, 0),
        };
        let bytes: Bytes = [kind.to_ne_bytes(), value.to_ne_bytes(), count.to_ne_bytes()];
        sys::send(socket, bytes.as_flattened())
    }

    fn read([kind, value, count]: Bytes) -> Option<Self> {
        let value = i32::from_ne_bytes(value);
        Some(match u32::from_ne_bytes(kind) {
            0 => Self::Ready,
            1 => Self::Command(Pid::new(value)?),
            2 => Self::Count(Signal::new(value)?),
            3 => Self::Counted(Signal::new(value)?, u32::from_ne_bytes(count)),
            4 => Self::Stops,
            5 => Self::Exited,
            6 => Self::Keep,
            7 => Self::Reset,
            _ => return None,
        })
    }
}

/// Receives the next message, if there is one.
pub(crate) fn receive(socket: BorrowedFd) -> Received {
    let mut bytes: Bytes = [[0; 4]; 3];
    match sys::receive(socket, bytes.as_flattened_mut()) {
        None => Received::Nothing,
        Some(0) => Received::Closed,
        Some(_) => Message::read(bytes).map_or(Received::Nothing, Received::Message),
    }
}
