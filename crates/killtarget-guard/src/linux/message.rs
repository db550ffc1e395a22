//! What guard and keeper tell each other.

use std::os::fd::BorrowedFd;

use super::request::Ask;
use crate::{
    sys::{self, Errno},
    types::{End, Signal, Status},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// From the keeper: the command's process exists, and waits.
    Forked,
    /// From the guard: the command may begin.
    Begin,
    /// From the keeper: the command runs.
    Started,
    /// From the keeper: the command could not be started.
    NotStarted(Errno),
    /// From the keeper, its last message: how the command has exited.
    Over(Status),
    /// From the guard: send this signal to the command.
    Deliver(Signal),
    /// From the keeper: it has sent the first of these that was not answered.
    Delivered,
    /// From the guard: the group got this signal. Send it to the command if it has left the group.
    DeliverOutside(Signal),
    /// From the guard: end all.
    End(End),
    /// From the guard: a host has exited.
    HostExited,
    /// From the guard: all were asked to exit, and have so many milliseconds.
    Asked(u32),
    /// From the guard: ask all to exit.
    Ask(Ask),
    /// From the keeper, before it asks all to exit: pass on what has come until now.
    Settle,
    /// From the guard, after that.
    Settled,
    /// From the keeper: the command has stopped.
    Stopped,
    /// From the guard: it has passed on all signals, and reads no more until it may go on. Whether it has a mark.
    Holds(bool),
    /// From the keeper, after it has stopped the guard, or has not: read signals.
    GoOn,
    /// From the keeper, in place of that: the stop has discarded a SIGCONT.
    Discarded,
}

/// What was received.
pub(crate) enum Received {
    Message(Message),
    Nothing,
    /// The other end is closed: its process has exited.
    Closed,
}

/// The kind of a message, and its value.
type Bytes = [[u8; 4]; 2];

impl Message {
    /// Returns whether the other end took it.
    pub(crate) fn send(self, socket: BorrowedFd) -> bool {
        let (kind, value): (u32, i32) = match self {
            Self::Started => (0, 0),
            Self::NotStarted(error) => (1, error.raw()),
            Self::Over(Status::Code(code)) => (2, i32::from(code)),
            Self::Over(Status::Signal(signal)) => (3, signal.raw()),
            Self::Deliver(signal) => (4, signal.raw()),
            Self::End(End::Terminate) => (5, 0),
            Self::End(End::Kill) => (6, 0),
            Self::Forked => (7, 0),
            Self::Begin => (8, 0),
            Self::DeliverOutside(signal) => (9, signal.raw()),
            Self::Asked(time) => (10, time.cast_signed()),
            Self::Stopped => (11, 0),
            Self::Holds(is_marked) => (12, i32::from(is_marked)),
            Self::GoOn => (13, 0),
            Self::Discarded => (14, 0),
            Self::Delivered => (15, 0),
            Self::Ask(ask) => (16, ask.value()),
            Self::Settle => (17, 0),
            Self::Settled => (18, 0),
            Self::HostExited => (19, 0),
        };
        sys::send(socket, [kind.to_ne_bytes(), value.to_ne_bytes()].as_flattened())
    }

    fn read([kind, value]: Bytes) -> Option<Self> {
        let value = i32::from_ne_bytes(value);
        Some(match u32::from_ne_bytes(kind) {
            0 => Self::Started,
            1 => Self::NotStarted(Errno::from_raw(value)),
            2 => Self::Over(Status::Code(u8::try_from(value).ok()?)),
            3 => Self::Over(Status::Signal(Signal::new(value)?)),
            4 => Self::Deliver(Signal::new(value)?),
            5 => Self::End(End::Terminate),
            6 => Self::End(End::Kill),
            7 => Self::Forked,
            8 => Self::Begin,
            9 => Self::DeliverOutside(Signal::new(value)?),
            10 => Self::Asked(value.cast_unsigned()),
            11 => Self::Stopped,
            12 => Self::Holds(value != 0),
            13 => Self::GoOn,
            14 => Self::Discarded,
            15 => Self::Delivered,
            16 => Self::Ask(Ask::from_value(value)?),
            17 => Self::Settle,
            18 => Self::Settled,
            19 => Self::HostExited,
            _ => return None,
        })
    }
}

/// Receives the next message, if there is one.
pub(crate) fn receive(socket: BorrowedFd) -> Received {
    let mut bytes: Bytes = [[0; 4]; 2];
    match sys::receive(socket, bytes.as_flattened_mut(), false) {
        None => Received::Nothing,
        Some(0) => Received::Closed,
        Some(_) => Message::read(bytes).map_or(Received::Nothing, Received::Message),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn messages_arrive_as_they_were_sent_and_before_the_end() {
        let (one, other) = sys::socket_pair().unwrap();
        let messages = [
            Message::Started,
            Message::NotStarted(Errno::ENOENT),
            Message::Over(Status::Code(255)),
            Message::Over(Status::Signal(Signal::new(64).unwrap())),
            Message::Deliver(Signal::HUP),
            Message::End(End::Terminate),
            Message::End(End::Kill),
            Message::Forked,
            Message::Begin,
            Message::DeliverOutside(Signal::TERM),
            Message::Asked(u32::MAX),
            Message::Stopped,
            Message::Holds(true),
            Message::Holds(false),
            Message::GoOn,
            Message::Discarded,
            Message::Delivered,
            Message::Ask(Ask::new(Signal::TERM, 100)),
            Message::Settle,
            Message::Settled,
            Message::HostExited,
        ];
        // One that is never read: its receiver resets the connection as it closes.
        assert!(Message::Started.send(other.as_fd()));
        for message in messages {
            assert!(message.send(one.as_fd()));
        }
        drop(one);
        for message in messages {
            assert!(matches!(receive(other.as_fd()), Received::Message(received) if received == message));
        }
        // A process that another test is starting has a copy of the end until it is its program.
        sys::poll([Some((other.as_fd(), sys::Wanted::HangUp))], None);
        assert!(matches!(receive(other.as_fd()), Received::Closed));
        assert!(!Message::Started.send(other.as_fd()));
    }
}
