//! The guard itself: what the host has started. It stands for the command: its signals, its stops, its exit status.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{
    host::Host,
    hosts::Hosts,
    kill::{MAX_REAPED, Rounds},
    message::{Message, Received, receive},
    procfs::OwnChildren,
    request::{self, Request},
    witness::Witness,
};
use crate::{
    arguments::{Leftovers, Options},
    common::report::report,
    sys::{self, Arguments, Change, SignalDescriptor, Waited, Wanted},
    types::{End, MAX_HOSTS, Pid, Signal, Status},
};

/// The interval in milliseconds at which a keeper that does not read is asked again.
const RETRY_INTERVAL: u32 = 10;

/// Milliseconds between two looks at the keeper while the command does not exist.
const START_INTERVAL: u32 = 100;

pub(crate) struct Guard<'a> {
    options: &'a Options<'a>,
    arguments: Arguments<'a>,
    keeper: Pid,
    has_keeper_exited: bool,
    /// `None` once it was reaped: its pid may be another process's then.
    mirror: Option<Pid>,
    socket: OwnedFd,
    children: OwnChildren,
    signals: SignalDescriptor,
    hosts: Hosts,
    /// The same.
    witness: Option<Witness>,
    leads_session: bool,
    /// Whether the command's process exists.
    has_begun: bool,
    /// What the keeper was not asked for yet, as it does not read.
    unsent: Option<End>,
    /// Standard error, until the command runs.
    stderr: Option<BorrowedFd<'static>>,
}

/// What the guard has opened before it started the keeper.
pub(crate) struct Parts {
    pub(crate) socket: OwnedFd,
    pub(crate) children: OwnChildren,
    pub(crate) signals: SignalDescriptor,
    pub(crate) hosts: Hosts,
    pub(crate) witness: Witness,
    pub(crate) mirror: Option<Pid>,
    pub(crate) stderr: Option<BorrowedFd<'static>>,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(options: &'a Options<'a>, arguments: Arguments<'a>, keeper: Pid, parts: Parts) -> Self {
        let kept = [
            Some(parts.socket.as_fd()),
            parts.children.as_file().map(AsFd::as_fd),
            Some(parts.signals.as_fd()),
            Some(parts.witness.socket().as_fd()),
            parts.stderr,
        ];
        sys::close_all_but::<{ 5 + MAX_HOSTS }>(sys::joined(kept, parts.hosts.as_fds()));
        let Parts { socket, children, signals, hosts, witness, mirror, stderr } = parts;
        let leads_session = sys::session() == sys::own_pid();
        Self {
            options,
            arguments,
            keeper,
            has_keeper_exited: false,
            mirror,
            socket,
            children,
            signals,
            hosts,
            witness: Some(witness),
            leads_session,
            has_begun: false,
            unsent: None,
            stderr,
        }
    }

    pub(crate) fn run(mut self) -> ! {
        let mut has_more = false;
        loop {
            let input = |file: Option<_>| file.map(|file| (file, Wanted::Input));
            // Signals that come before the command exists wait until it does.
            let can_pass_on = self.has_begun && self.unsent.is_none();
            let signals = can_pass_on.then_some(self.signals.as_fd());
            let files = [input(signals), input(Some(self.socket.as_fd()))];
            // The keeper is told first what came before.
            let had_begun = self.has_begun;
            let hosts = self.hosts.as_fds().map(|host| input(host.filter(|_| had_begun)));
            let timeout = if has_more { Some(0) } else { self.timeout() };
            let [has_signal, has_message, hosts_exited @ ..] =
                sys::poll::<{ 2 + MAX_HOSTS }>(sys::joined(files, hosts), timeout);
            // Before the signals. At a SIGCONT, the command may stop at once and this process with it.
            if had_begun && (hosts_exited.contains(&true) || self.hosts.iter().any(Host::is_gone)) {
                self.hosts.close();
                if let Some(end) = self.options.orphaned {
                    self.ask_keeper(end);
                }
            }
            if has_signal {
                self.read_signals();
            }
            if has_message {
                self.read_messages();
            }
            if let Some(end) = self.unsent.take() {
                self.ask_keeper(end);
            }
            // What has told of a host may have been taken: all are looked at once it has begun.
            has_more = self.reap() || self.has_begun != had_begun;
            if self.has_keeper_exited {
                // What it has sent before its exit.
                self.read_messages();
                self.take_over();
            }
        }
    }

    fn timeout(&self) -> Option<u32> {
        let retry = self.unsent.map(|_| RETRY_INTERVAL);
        // A keeper that was stopped with its group is continued: no signal tells of it before the command exists.
        let start = (!self.has_begun).then_some(START_INTERVAL);
        self.hosts.iter().filter_map(Host::poll_interval).chain(retry).chain(start).min()
    }

    fn read_signals(&mut self) {
        // There is room for more messages than are received signals.
        if let [false] = sys::poll([Some((self.socket.as_fd(), Wanted::Room))], Some(RETRY_INTERVAL)) {
            return;
        }
        let received = self.signals.receive();
        // Requests first, for the same reason as the exit of the host.
        for request in received.clone().filter_map(|received| request::of(&received)) {
            match request {
                Request::End(end) => self.ask_keeper(end),
                // The keeper may not have existed then.
                Request::Asked(time) => {
                    Message::Asked(time).send(self.socket.as_fd());
                }
                Request::Begin => {}
            }
        }
        for received in received.filter(|received| request::of(received).is_none()) {
            self.treat(&received);
        }
    }

    /// Passes a signal on to the command, unless it has it already.
    fn treat(&self, received: &sys::Received) {
        let &sys::Received { signal, code, sender, .. } = received;
        // The kernel tells about a child, which is waited for after the signals.
        if signal == Signal::CHLD && code > 0 {
            return;
        }
        // This process was continued, as the command was.
        let is_own = [Some(self.keeper), self.mirror].into_iter().flatten().any(|pid| pid.raw() == sender);
        if signal == Signal::CONT && is_own {
            return;
        }
        // Each signal is asked about, or a later one would be taken for it.
        let has_group_got = self.witness.as_ref().is_some_and(|witness| witness.has_got(signal));
        // The terminal signals the whole group, except that only the leader of the session gets its hang-up.
        let is_of_terminal = code > 0
            && Signal::OF_TERMINAL.contains(&signal)
            && !(self.leads_session && [Signal::HUP, Signal::CONT].contains(&signal));
        self.continue_keeper();
        // A command that does not run yet blocks all signals. It gets once what it gets twice.
        let message = if self.has_begun && (has_group_got || is_of_terminal) {
            Message::DeliverOutside(signal)
        } else {
            Message::Deliver(signal)
        };
        message.send(self.socket.as_fd());
    }

    fn continue_keeper(&self) {
        if !self.has_keeper_exited {
            let _ = sys::kill(self.keeper, Signal::CONT);
        }
    }

    fn ask_keeper(&mut self, end: End) {
        self.continue_keeper();
        if !Message::End(end).send(self.socket.as_fd()) {
            self.unsent = Some(end);
        }
    }

    fn read_messages(&mut self) {
        loop {
            match receive(self.socket.as_fd()) {
                Received::Message(Message::Forked) => {
                    self.read_signals();
                    Message::Begin.send(self.socket.as_fd());
                    self.has_begun = true;
                }
                Received::Message(Message::Over(status)) => self.finish(status),
                Received::Message(Message::NotStarted(error)) => {
                    if let (Some(stderr), Some(command)) = (self.stderr, self.arguments.first()) {
                        report(stderr, command.to_bytes(), error.text());
                    }
                }
                Received::Message(Message::Started) => {
                    if let Some(stderr) = self.stderr.take() {
                        sys::close(stderr);
                    }
                }
                Received::Message(_) => {}
                Received::Nothing => return,
                Received::Closed => self.take_over(),
            }
        }
    }

    /// Reaps. Returns whether more children may have to be reaped.
    fn reap(&mut self) -> bool {
        for _ in 0..MAX_REAPED {
            match sys::wait_next() {
                Waited::Child(pid, Change::Exited(_)) => {
                    self.has_keeper_exited |= pid == self.keeper.raw();
                    self.mirror.take_if(|mirror| mirror.raw() == pid);
                    self.witness.take_if(|witness| witness.pid().raw() == pid);
                }
                Waited::Child(pid, Change::Stopped) if pid == self.keeper.raw() => self.continue_keeper(),
                Waited::Child(..) => {}
                Waited::Nothing | Waited::NoChildren => return false,
            }
        }
        true
    }

    /// The command is over. Leaves no zombie to a parent that may never reap.
    fn finish(&mut self, status: Status) -> ! {
        for helper in [self.mirror, self.witness.as_ref().map(Witness::pid)].into_iter().flatten() {
            let _ = sys::kill(helper, Signal::KILL);
        }
        // A keeper that keeps others goes on.
        let waits_for_keeper = self.options.leftovers != Leftovers::Keep;
        loop {
            let has_more = self.reap();
            let has_helpers = self.mirror.is_some() || self.witness.is_some();
            if !has_helpers && (self.has_keeper_exited || !waits_for_keeper) {
                break;
            }
            if !has_more {
                sys::poll([Some((self.signals.as_fd(), Wanted::Input))], None);
                self.signals.discard();
            }
        }
        sys::exit_like(status)
    }

    /// The keeper was killed. All that it has kept are children of this process now.
    fn take_over(&mut self) -> ! {
        let mut rounds = Rounds::new();
        loop {
            let mut reaped = 0;
            while reaped < MAX_REAPED {
                match sys::wait_next() {
                    Waited::Child(_, Change::Exited(_)) => reaped += 1,
                    Waited::Child(..) => {}
                    Waited::Nothing => break,
                    Waited::NoChildren => sys::exit_like(Status::Signal(Signal::KILL)),
                }
            }
            let wait = rounds.next(&self.children, reaped > 0);
            if reaped == MAX_REAPED {
                continue;
            }
            sys::poll([Some((self.signals.as_fd(), Wanted::Input))], Some(wait));
            self.signals.discard();
        }
    }
}
