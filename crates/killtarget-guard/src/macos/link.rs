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
        let end = now().after(TIMEOUT);
        loop {
            match self.receive() {
                // Another one is an answer that came too late.
                Received::Message(Message::Counted(counted, count)) if counted == signal => {
                    return Some(count);
                }
                Received::Message(_) => {}
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
