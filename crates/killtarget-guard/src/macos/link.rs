//! The guard's way to its keeper.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::message::{Message, Received, receive};
use crate::{
    common::clock::now,
    sys::{self, Change, Queue, Waited},
    types::{Pid, Signal},
};

/// How long an answer may take, in milliseconds. The keeper does not answer while something has stopped it.
const TIMEOUT: u32 = 100;

/// The same, while the command waits for it.
const START_TIMEOUT: u32 = 10_000;

pub(crate) struct Link {
    /// A child that was not reaped.
    pid: Pid,
    socket: OwnedFd,
}

impl Link {
    pub(crate) const fn new(pid: Pid, socket: OwnedFd) -> Self {
        Self { pid, socket }
    }

    pub(crate) const fn pid(&self) -> Pid {
        self.pid
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    pub(crate) fn receive(&self) -> Received {
        receive(self.socket())
    }

    /// Returns how often the keeper got a signal in all, or `None` if it does not answer.
    pub(crate) fn count(&self, signal: Signal) -> Option<u32> {
        if !Message::Count(signal).send(self.socket()) {
            return None;
        }
        self.wait_for(TIMEOUT, |message| match message {
            Message::Counted(counted, count) if counted == signal => Some(count),
            // An answer that came too late.
            _ => None,
        })
    }

    /// Lets the keeper count anew. Returns false if it does not.
    pub(crate) fn reset(&self) -> bool {
        let is_ready = |message| (message == Message::Ready).then_some(());
        Message::Reset.send(self.socket()) && self.wait_for(START_TIMEOUT, is_ready).is_some()
    }

    fn wait_for<T>(&self, timeout: u32, read: impl Fn(Message) -> Option<T>) -> Option<T> {
        let end = now().after(timeout);
        loop {
            match self.receive() {
                Received::Message(message) => {
                    if let Some(answer) = read(message) {
                        return Some(answer);
                    }
                }
                // Its exit is noticed later, too.
                Received::Closed => return None,
                Received::Nothing => {
                    let rest = end.milliseconds_from(now());
                    if rest == 0 || !sys::wait_for_input(self.socket(), rest) {
                        return None;
                    }
                }
            }
        }
    }

    /// Ends the keeper, and reaps it.
    pub(crate) fn end(&self, queue: &Queue) {
        let _ = sys::kill(self.pid, Signal::KILL);
        loop {
            match sys::wait_next() {
                Waited::NoChildren => return,
                Waited::Child(pid, Change::Exited(_)) if pid == self.pid.raw() => return,
                Waited::Child(..) => {}
                // The kernel sends SIGCHLD once the child is a zombie. (xnu, `proc_exit`)
                Waited::Nothing => drop(queue.wait(None)),
            }
        }
    }
}
