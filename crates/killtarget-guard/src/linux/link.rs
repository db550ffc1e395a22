//! The keeper's way to the guard.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{child::Child, message::Message, mirror, stop, waker};
use crate::{
    sys::{self, Handle, SignalDescriptor, Wanted},
    types::{Pid, Signal},
};

pub(crate) struct Link {
    socket: OwnedFd,
    control: Control,
    /// Whether the guard was told that the command has stopped, and has not answered.
    is_told: bool,
}

/// How the guard is stopped and continued, as the command was. The guard does not stop itself: a SIGCONT that comes in between
/// would be lost.
enum Control {
    ByKeeper {
        guard: i32,
        handle: Option<Handle>,
        /// The process that continues the guard if the keeper is killed, while the guard is stopped. It was not reaped.
        waker: Option<Pid>,
    },
    /// The keeper is in a PID namespace, the guard is not.
    ByMirror(OwnedFd),
}

impl Link {
    /// Returns `None` if the guard has exited already.
    ///
    /// The kernel wakes the keeper when the guard exits, also if something has stopped it.
    pub(crate) fn to_parent(guard: i32, socket: OwnedFd) -> Option<Self> {
        sys::wake_with_parent();
        // After the call above: an exit of the guard before it does not wake this process.
        if sys::parent_pid() != guard {
            return None;
        }
        let handle = Pid::new(guard).and_then(|pid| sys::open_handle(pid).ok());
        Some(Self { socket, control: Control::ByKeeper { guard, handle, waker: None }, is_told: false })
    }

    /// The same from inside a PID namespace, which the kernel ends with the guard.
    pub(crate) fn out_of_namespace(socket: OwnedFd, mirror: OwnedFd) -> Option<Self> {
        sys::end_with_parent();
        let [has_exited] = sys::poll([Some((socket.as_fd(), Wanted::HangUp))], Some(0));
        (!has_exited).then_some(Self { socket, control: Control::ByMirror(mirror), is_told: false })
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// The descriptor by which the guard is signalled.
    pub(crate) fn control(&self) -> Option<BorrowedFd<'_>> {
        match &self.control {
            Control::ByKeeper { handle, .. } => handle.as_ref().and_then(Handle::as_fd),
            Control::ByMirror(mirror) => Some(mirror.as_fd()),
        }
    }

    /// Returns whether the guard has exited, where that shows without a descriptor.
    pub(crate) fn has_guard_exited(&self) -> bool {
        matches!(self.control, Control::ByKeeper { guard, .. } if sys::parent_pid() != guard)
    }

    /// Returns whether the guard is stopped with the command, or will be.
    pub(crate) const fn is_guard_stopped(&self) -> bool {
        matches!(self.control, Control::ByKeeper { waker: Some(_), .. })
    }

    /// Answers the guard that the command has a signal.
    fn answer(&self, message: Message) {
        if matches!(message, Message::Deliver(_)) {
            Message::Delivered.send(self.socket());
        }
    }

    /// Passes a signal on to the command, as the guard asks. `None`: the command has it already.
    pub(crate) fn pass_on(&mut self, message: Message, command: Option<&Child>, signals: &SignalDescriptor) {
        let Some(command) = command else { return self.answer(message) };
        let signal = match message {
            Message::Deliver(signal) => {
                command.signal(signal);
                self.answer(message);
                signal
            }
            Message::DeliverOutside(signal) => {
                command.signal_outside(signal);
                signal
            }
            _ => return,
        };
        // The command has not noticed the SIGCONT that has continued the guard since, as this stop has discarded it.
        if signal.is_stop() && command.has_stopped() {
            self.tell_stop(signals);
        }
    }

    /// Tells the guard that the command has stopped. It answers that it holds its signals. Before that answer it is not told again:
    /// it would take signals in hand while it is stopped for the first.
    pub(crate) fn tell_stop(&mut self, signals: &SignalDescriptor) {
        // Also for a guard that was stopped with the command. The last waker has ended if the command was continued since.
        if let Control::ByKeeper { handle: Some(handle), waker: waker @ None, .. } = &mut self.control {
            *waker = waker::start(handle, signals).ok();
        }
        if !self.is_told {
            self.is_told = Message::Stopped.send(self.socket());
        }
    }

    /// Treats the answer of the guard. `is_stopped`: whether the command still is. `is_marked`: whether the guard has a mark.
    pub(crate) fn hold(&mut self, is_stopped: bool, is_marked: bool) {
        self.is_told = false;
        let has_discarded = is_stopped && self.stop_guard(is_marked);
        if let Control::ByKeeper { waker, .. } = &mut self.control
            && (has_discarded || !is_stopped)
        {
            end(waker);
        }
        let message = if has_discarded { Message::Discarded } else { Message::GoOn };
        message.send(self.socket());
    }

    /// Stops the guard, as [`stop::stop`] does.
    fn stop_guard(&self, is_marked: bool) -> bool {
        match &self.control {
            Control::ByMirror(mirror) => mirror::stop_guard(mirror, is_marked),
            // At a limit of processes there is no waker, and the guard runs on. That is less than exact, but safe.
            Control::ByKeeper { guard, handle: Some(handle), waker: Some(_) } => {
                stop::stop(*guard, handle, is_marked)
            }
            Control::ByKeeper { .. } => false,
        }
    }

    pub(crate) fn continue_guard(&mut self) {
        match &mut self.control {
            Control::ByMirror(mirror) => mirror::continue_guard(mirror),
            Control::ByKeeper { guard, handle, waker } => {
                if let Some(handle) = handle {
                    stop::wake(*guard, handle);
                }
                end(waker);
            }
        }
    }

    /// Takes note of a child that was reaped.
    pub(crate) fn forget(&mut self, pid: i32) {
        if let Control::ByKeeper { waker, .. } = &mut self.control
            && waker.is_some_and(|waker| waker.raw() == pid)
        {
            *waker = None;
        }
    }
}

/// Ends the waker, which is reaped later.
fn end(waker: &mut Option<Pid>) {
    if let Some(waker) = waker.take() {
        let _ = sys::kill(waker, Signal::KILL);
    }
}
