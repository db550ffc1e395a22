//! Tells whether a signal was sent to the whole process group.
//!
//! The guard passes on the signals that it gets. If a signal was sent to the guard's group, the command has it already, and must
//! not get it twice. What the kernel tells about a signal does not show that. So a second process in the group blocks all signals,
//! and the guard asks it whether it has the same one.
//!
//! The kernel signals the process that has joined the group last first: the witness has a group's signal before the guard has.

use std::{
    cell::Cell,
    os::fd::{AsFd, OwnedFd},
};

use super::{helper, procfs::Stat};
use crate::{
    sys::{self, Errno, Wanted},
    types::{Pid, Signal},
};

/// The limit of an answer in milliseconds. A signal too many is better than a guard that hangs.
const TIMEOUT: u32 = 500;

pub(crate) struct Witness {
    pid: Pid,
    socket: OwnedFd,
    /// The number of the last question. An answer has it, too: one that comes late belongs to an earlier question.
    asked: Cell<u8>,
}

impl Witness {
    /// Starts the witness. All signals must be blocked.
    pub(crate) fn start() -> Result<Self, Errno> {
        let (pid, socket) = helper::start(answer)?;
        Ok(Self { pid, socket, asked: Cell::new(0) })
    }

    pub(crate) const fn socket(&self) -> &OwnedFd {
        &self.socket
    }

    /// Returns whether the group got this signal. Each signal must be asked about, or a later one is taken for it. `merges`: whether
    /// one that is pending here may be taken, too. Others that were received may have come before that one.
    pub(crate) fn has_got(&self, signal: Signal, merges: bool) -> bool {
        // Stopped with the group. A SIGCONT discards the stop signals that are pending, so it is sent only then.
        let is_stopped = Stat::read(self.pid.raw()).is_some_and(|stat| stat.is_stopped());
        if is_stopped {
            let _ = sys::kill(self.pid, Signal::CONT);
            self.ask(Signal::CONT);
        }
        let has_got = self.ask(signal);
        // If the group gets it again before the answer, the witness has one for both, as only real-time signals queue. The
        // second one here is the group's then, too.
        while has_got && merges && !signal.is_real_time() && sys::take_pending(signal) {
            self.ask(signal);
            // The group got what this one has discarded here. So this one was to the guard alone.
            if self.take_discarded(signal) {
                return false;
            }
        }
        if !has_got {
            self.take_discarded(signal);
        }
        has_got
    }

    /// This signal, to the guard alone, has discarded others there, which may have been the group's. A later one would be taken for
    /// one that the witness still has. Returns whether it had any.
    fn take_discarded(&self, signal: Signal) -> bool {
        // Each is asked about, also after one that the witness had.
        let had = signal.discards().iter().filter(|other| !sys::is_pending(**other) && self.ask(**other));
        had.count() > 0
    }

    fn ask(&self, signal: Signal) -> bool {
        let Ok(signal) = u8::try_from(signal.raw()) else { return false };
        let question = self.asked.get().wrapping_add(1);
        self.asked.set(question);
        if !sys::send(self.socket.as_fd(), &[question, signal]) {
            return false;
        }
        while let [true] = sys::poll([Some((self.socket.as_fd(), Wanted::Input))], Some(TIMEOUT)) {
            let mut answer = [0; 2];
            if sys::receive(self.socket.as_fd(), &mut answer, false) != Some(answer.len()) {
                return false;
            }
            let [answered, has_got] = answer;
            if answered == question {
                return has_got != 0;
            }
        }
        false
    }

    pub(crate) const fn pid(&self) -> Pid {
        self.pid
    }
}

/// Answers until the guard has exited.
fn answer(socket: &OwnedFd) {
    sys::set_name(c"kt-witness");
    sys::end_with_parent();
    sys::close_all_but([Some(socket.as_fd())]);
    let mut asked = [0; 2];
    while sys::receive(socket.as_fd(), &mut asked, true) == Some(asked.len()) {
        let [question, signal] = asked;
        let has_got = Signal::new(i32::from(signal)).is_some_and(sys::take_pending);
        sys::send(socket.as_fd(), &[question, u8::from(has_got)]);
    }
}
