//! The keeper: the parent of the command, and the reaper of all that the command starts.

use std::os::fd::{AsFd, OwnedFd};

use super::{
    causes::{Cause, Causes},
    child::Child,
    ending::Ending,
    host::Host,
    hosts::Hosts,
    kill::MAX_REAPED,
    link::Link,
    message::{Message, Received, receive},
    name::name_keeper,
    procfs::OwnChildren,
    request::{self, Request},
};
use crate::{
    arguments::{Begin, Leftovers, Options},
    common::{clock::now, gate::Gate},
    sys::{self, Change, Errno, SignalDescriptor, Waited, Wanted},
    types::{End, MAX_HOSTS, Pid, Signal, Status},
};

pub(crate) struct Keeper<'a> {
    options: &'a Options<'a>,
    /// `None` once it was told that the command is over, or has exited.
    guard: Option<Link>,
    command: Child,
    gate: Gate,
    ending: Ending,
    children: OwnChildren,
    signals: SignalDescriptor,
    /// Whether more children may have to be reaped.
    has_more: bool,
    hosts: Hosts,
    /// Whether one of them has exited.
    is_host_over: bool,
    /// Why the command could not be started. Closed once it runs.
    failure: Option<OwnedFd>,
    /// A copy of the command's standard input, of which only the end is waited for.
    input: Option<OwnedFd>,
    causes: Causes,
}

/// What the keeper has opened before the command's process exists.
pub(crate) struct Parts {
    pub(crate) ending: Ending,
    pub(crate) children: OwnChildren,
    pub(crate) signals: SignalDescriptor,
    pub(crate) hosts: Hosts,
    pub(crate) gate: OwnedFd,
    pub(crate) failure: OwnedFd,
    pub(crate) input: Option<OwnedFd>,
}

impl<'a> Keeper<'a> {
    /// `group`: the process group of the guard.
    pub(crate) fn new(options: &'a Options<'a>, guard: Link, group: i32, command: Pid, parts: Parts) -> Self {
        let Parts { ending, children, signals, hosts, gate, failure, input } = parts;
        Self {
            options,
            guard: Some(guard),
            command: Child::new(command, group),
            gate: Gate::new(gate, options.begin == Begin::AtRequest),
            ending,
            children,
            signals,
            has_more: false,
            hosts,
            is_host_over: false,
            failure: Some(failure),
            input,
            causes: Causes::new(options),
        }
    }

    pub(crate) fn run(mut self) -> ! {
        loop {
            let input = |file: Option<_>| file.map(|file| (file, Wanted::Input));
            let files = [
                input(Some(self.signals.as_fd())),
                input(self.guard.as_ref().map(|guard| guard.socket())),
                input(self.failure.as_ref().map(AsFd::as_fd)),
                self.input.as_ref().map(|file| (file.as_fd(), Wanted::HangUp)),
            ];
            let hosts = self.hosts.as_fds().map(input);
            let [has_signal, has_message, has_failed, has_input_ended, hosts_exited @ ..] =
                sys::poll::<{ 4 + MAX_HOSTS }>(sys::joined(files, hosts), self.timeout());
            if has_failed {
                self.read_failure();
            }
            if has_signal {
                self.read_signals();
            }
            if has_message {
                self.read_messages();
            }
            if hosts_exited.contains(&true) || self.polled_hosts().any(Host::is_gone) {
                self.hosts.close();
                self.lose_host();
            }
            // Without descriptors, which another process can take from this one, no message comes.
            if self.guard.as_ref().is_some_and(Link::has_guard_exited) {
                self.read_messages();
                self.lose_guard();
            }
            if has_input_ended {
                self.input = None;
                self.causes.note_input_end();
            }
            self.advance();
        }
    }

    /// For how many milliseconds there is nothing to do unless something happens.
    fn timeout(&self) -> Option<u32> {
        let due = [self.ending.due(), self.causes.due(), self.gate.due()].into_iter().flatten().min();
        let due = due.map(|time| time.milliseconds_from(now()));
        let more = self.has_more.then_some(0);
        due.into_iter().chain(more).chain(self.polled_hosts().filter_map(Host::poll_interval)).min()
    }

    fn read_failure(&mut self) {
        let Some(failure) = self.failure.take() else { return };
        let mut error = [0; 4];
        let message = if sys::read(failure.as_fd(), &mut error) == error.len() {
            Message::NotStarted(Errno::from_raw(i32::from_ne_bytes(error)))
        } else {
            Message::Started
        };
        if let Some(guard) = &self.guard {
            message.send(guard.socket());
        }
    }

    fn read_signals(&mut self) {
        for received in self.signals.receive() {
            match request::of(&received) {
                Some(Request::End(end)) => self.begin(end),
                Some(Request::Begin) => self.gate.let_by_host(),
                Some(Request::Asked(time)) => self.ending.note_asked(time),
                Some(Request::Ask(ask)) => self.ending.ask(ask),
                None => {}
            }
        }
    }

    fn read_messages(&mut self) {
        while let Some(guard) = &mut self.guard {
            match receive(guard.socket()) {
                Received::Nothing => return,
                Received::Message(message @ (Message::Deliver(_) | Message::DeliverOutside(_))) => {
                    let is_meant = self.ending.note_passed_on(message, &self.command, self.is_host_over);
                    guard.pass_on(message, is_meant.then_some(&self.command), &self.signals);
                }
                Received::Message(Message::End(end)) => self.begin(end),
                Received::Message(Message::HostExited) => self.lose_host(),
                Received::Message(Message::Begin) => {
                    self.gate.let_by_guard();
                    self.tell_stop();
                }
                Received::Message(Message::Holds(is_marked)) => self.stop_guard(is_marked),
                Received::Message(Message::Asked(time)) => self.ending.note_asked(time),
                Received::Message(Message::Ask(ask)) => self.ending.ask(ask),
                Received::Message(Message::Settled) => self.ending.go_on(),
                Received::Message(_) => {}
                Received::Closed => self.lose_guard(),
            }
        }
    }

    fn lose_guard(&mut self) {
        if self.guard.take().is_some() {
            self.begin(End::Kill);
        }
    }

    /// Returns the hosts that this process has to ask for.
    fn polled_hosts(&self) -> impl Iterator<Item = &Host> {
        let is_guard_watching = self.guard.as_ref().is_some_and(|guard| !guard.is_guard_stopped());
        self.hosts.iter().filter(move |host| !is_guard_watching || !host.is_noticed_by_child())
    }

    fn lose_host(&mut self) {
        let Some(end) = self.options.orphaned else { return };
        self.is_host_over = true;
        // What has not begun never will.
        self.begin(if self.gate.is_let_by_guard() { end } else { End::Kill });
    }

    /// Begins to end the command's processes, or hurries.
    fn begin(&mut self, end: End) {
        self.ending.begin(end);
        // A guard that is stopped with the command could not tell how it ends.
        self.continue_guard();
    }

    /// Lets the guard hold its signals, as the command has stopped. First it passes on those from before the command's process.
    fn tell_stop(&mut self) {
        if self.command.has_stopped()
            && self.gate.is_let_by_guard()
            && let Some(guard) = &mut self.guard
        {
            guard.tell_stop(&self.signals);
        }
    }

    /// The guard holds its signals. What it has passed on before may have continued the command.
    fn stop_guard(&mut self, is_marked: bool) {
        let is_stopped = !self.ending.has_begun() && self.command.is_stopped();
        if let Some(guard) = &mut self.guard {
            guard.hold(is_stopped, is_marked);
        }
    }

    fn continue_guard(&mut self) {
        if let Some(guard) = &mut self.guard {
            guard.continue_guard();
        }
    }

    /// Reaps. Returns whether a child has exited.
    fn reap(&mut self) -> bool {
        let mut has_reaped = false;
        self.has_more = true;
        for _ in 0..MAX_REAPED {
            match sys::wait_next() {
                Waited::Nothing => {
                    self.has_more = false;
                    break;
                }
                Waited::NoChildren => {
                    self.tell_guard();
                    sys::exit(0)
                }
                Waited::Child(pid, change) => {
                    let is_command = self.command.note(pid, change);
                    match change {
                        Change::Exited(_) => {
                            has_reaped = true;
                            if is_command {
                                name_keeper(None);
                                self.continue_guard();
                            }
                            if let Some(guard) = &mut self.guard {
                                guard.forget(pid);
                            }
                        }
                        Change::Stopped if is_command => self.tell_stop(),
                        Change::Continued if is_command => self.continue_guard(),
                        Change::Stopped | Change::Continued => {}
                    }
                }
            }
        }
        if self.command.status().is_some() && !self.ending.has_begun() && self.guard.is_some() {
            self.treat_leftovers();
        }
        has_reaped
    }

    /// The command has exited, and others still run.
    fn treat_leftovers(&mut self) {
        match self.options.leftovers {
            Leftovers::End(end) => self.ending.begin_at_exit(end),
            Leftovers::Keep => {
                self.causes.lift_limit();
                sys::outlive_parent();
                self.tell_guard();
            }
            Leftovers::Leave => {
                self.tell_guard();
                sys::exit(0)
            }
        }
    }

    /// Tells the guard how the command has exited. The guard exits at that.
    fn tell_guard(&mut self) {
        self.read_failure();
        if let Some(guard) = self.guard.take() {
            Message::Over(self.command.status().unwrap_or(Status::Signal(Signal::KILL))).send(guard.socket());
        }
    }

    /// Does what is due.
    fn advance(&mut self) {
        let has_reaped = self.reap();
        self.gate.advance();
        match self.causes.take() {
            Some(Cause::InputEnd) => self.lose_host(),
            Some(Cause::Limit) => self.begin(End::Terminate),
            None => {}
        }
        self.ending.advance(&self.children, has_reaped, self.guard.as_ref().map(Link::socket));
    }
}
