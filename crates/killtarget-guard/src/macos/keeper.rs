//! The keeper: the guard's second process.
//!
//! - It is in the guard's process group, so it tells which signals the group has got.
//! - It continues a guard that is stopped together with its command.
//! - If the guard is killed, it ends the command's processes. If the guard exits before them, it keeps them.

use std::os::fd::{AsFd, OwnedFd};

use super::{
    custody::Custody,
    message::{Message, Received, receive},
    request,
};
use crate::{
    common::clock::{Time, now},
    sys::{self, Arguments, Event},
    text::Text,
    types::{End, Pid, Signal},
};

/// The interval in milliseconds at which a stopped command is looked at: the kernel does not tell that it is continued.
const STOP_INTERVAL: u32 = 50;

/// How long the guard may take to stop, in milliseconds.
const STOP_TIMEOUT: u32 = 1000;

pub(crate) struct Keeper<'a> {
    custody: Custody<'a>,
    arguments: Arguments<'a>,
    guard: Pid,
    /// `None` once the guard has no command any more, or has exited.
    socket: Option<OwnedFd>,
    /// `None` once it was reaped: its pid may be another process's then.
    command: Option<Pid>,
    /// How often each signal was sent to this process.
    counts: [u32; 32],
    stop: Option<Stop>,
    has_host_exited: bool,
    /// Whether a request to kill all has come.
    was_asked: bool,
}

/// The guard stops itself.
#[derive(Clone, Copy)]
struct Stop {
    has_stopped: bool,
    limit: Time,
}

impl<'a> Keeper<'a> {
    /// `arguments`: those of the guard, from the first one on.
    pub(crate) fn new(custody: Custody<'a>, arguments: Arguments<'a>, guard: Pid, socket: OwnedFd) -> Self {
        Self {
            custody,
            arguments,
            guard,
            socket: Some(socket),
            command: None,
            counts: [0; 32],
            stop: None,
            has_host_exited: false,
            was_asked: false,
        }
    }

    pub(crate) fn run(mut self) -> ! {
        self.name();
        if let Some(socket) = &self.socket {
            Message::Ready.send(socket.as_fd());
        }
        loop {
            let events = self.custody.queue.wait(self.timeout());
            events.iter().for_each(|event| self.treat(event));
            self.read_messages();
            if self.socket.is_some() && sys::parent_pid() != self.guard.raw() {
                // What it has sent before its exit.
                self.read_messages();
                self.lose_guard();
            }
            self.watch_stop();
            if self.is_alone() && self.custody.advance() {
                sys::exit(0);
            }
        }
    }

    /// Treats what has happened since the last time.
    fn take_events(&mut self) {
        let events = self.custody.queue.wait(Some(0));
        events.iter().for_each(|event| self.treat(event));
    }

    fn treat(&mut self, event: Event) {
        match event {
            Event::Signal(signal, count) => self.count(signal, count),
            Event::Process { pid, has_forked, has_exited } => {
                if self.custody.treat(pid, has_forked, has_exited) {
                    self.lose_host();
                }
            }
            // Messages are read in any case.
            Event::Readable { .. } => {}
        }
    }

    const fn is_alone(&self) -> bool {
        self.socket.is_none()
    }

    fn timeout(&self) -> Option<u32> {
        let due = self.custody.due().map(|time| time.milliseconds_from(now()));
        due.into_iter().chain(self.stop.map(|_| STOP_INTERVAL)).min()
    }

    fn count(&mut self, signal: Signal, count: u32) {
        if request::is_kill(signal) {
            self.was_asked = true;
            if self.is_alone() {
                self.custody.begin(End::Kill);
            }
        }
        if let Some(sum) = usize::try_from(signal.raw()).ok().and_then(|at| self.counts.get_mut(at)) {
            *sum = sum.wrapping_add(count);
        }
    }

    fn read_messages(&mut self) {
        while let Some(socket) = &self.socket {
            match receive(socket.as_fd()) {
                Received::Nothing => return,
                Received::Closed => self.lose_guard(),
                Received::Message(Message::Count(signal)) => {
                    self.take_events();
                    let count = usize::try_from(signal.raw()).ok().and_then(|at| self.counts.get(at));
                    if let (Some(socket), Some(count)) = (&self.socket, count) {
                        Message::Counted(signal, *count).send(socket.as_fd());
                    }
                }
                Received::Message(Message::Reset) => {
                    self.take_events();
                    self.counts = [0; 32];
                    if let Some(socket) = &self.socket {
                        Message::Ready.send(socket.as_fd());
                    }
                }
                Received::Message(Message::Command(command)) => {
                    self.command = Some(command);
                    self.name();
                }
                Received::Message(Message::Stops) => self.expect_stop(),
                Received::Message(Message::Exited) => {
                    self.command = None;
                    self.name();
                }
                Received::Message(Message::Keep) => {
                    self.leave_guard();
                    if self.has_host_exited {
                        self.custody.lose_host();
                    }
                    // One that came before the message, when it may have been too late for the guard.
                    if self.was_asked {
                        self.custody.begin(End::Kill);
                    }
                }
                Received::Message(Message::Ready | Message::Counted(..)) => {}
            }
        }
    }

    /// The guard has exited, and has not said that it would.
    fn lose_guard(&mut self) {
        if !self.is_alone() {
            self.leave_guard();
            self.custody.begin(End::Kill);
        }
    }

    fn leave_guard(&mut self) {
        self.socket = None;
        self.stop = None;
        self.command = None;
        self.name();
        self.custody.take_over();
    }

    /// As long as the guard lives, it ends the members then. It is continued if something has stopped it.
    fn lose_host(&mut self) {
        self.has_host_exited = true;
        if self.is_alone() {
            self.custody.lose_host();
        } else {
            self.expect_stop();
        }
    }

    fn expect_stop(&mut self) {
        self.stop = Some(Stop { has_stopped: false, limit: now().after(STOP_TIMEOUT) });
    }

    /// Continues the guard once its command was continued, or has been killed, or the host has exited.
    fn watch_stop(&mut self) {
        let Some(stop) = &mut self.stop else { return };
        if sys::is_stopped(self.guard.raw()) {
            stop.has_stopped = true;
            let is_command_stopped = self.command.is_some_and(|command| sys::is_stopped(command.raw()));
            // The guard is the parent, so its pid is its own.
            if (!is_command_stopped || self.has_host_exited) && sys::parent_pid() == self.guard.raw() {
                let _ = sys::kill(self.guard, Signal::CONT);
            }
        } else if stop.has_stopped || stop.limit <= now() {
            self.stop = None;
        }
    }

    /// Names this process after the command, until that is reaped, so that others can tell both.
    fn name(&self) {
        let name = Text::<24>::new().add(b"kt-keep");
        let name = match self.command {
            Some(pid) => name.add(b" ").number(pid.raw().unsigned_abs()),
            None => name,
        };
        self.arguments.rename(name.as_bytes());
    }
}
