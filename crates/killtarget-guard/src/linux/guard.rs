//! The guard itself: what the host has started. It stands for the command: its signals, its stops, its exit status.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{
    family::Family,
    host::Host,
    hosts::Hosts,
    in_transit::InTransit,
    mark,
    message::{Message, Received, receive},
    procfs::OwnChildren,
    request::{self, Request},
    take_over::take_over,
    witness::Witness,
};
use crate::{
    arguments::{Leftovers, Options},
    common::{
        clock::{Time, now},
        report::report,
    },
    sys::{self, Arguments, SignalDescriptor, Wanted},
    types::{MAX_HOSTS, Pid, Signal, Status},
};

/// The interval in milliseconds at which a keeper that does not read is asked again.
const RETRY_INTERVAL: u32 = 10;

/// Milliseconds between two looks at the keeper while no signals are read: before the command exists, and at its stop.
const KEEPER_INTERVAL: u32 = 100;

/// How long after a mark the witness is asked, in milliseconds. If it was asked before a signal to the group is received here, that
/// would be taken for one to the guard alone.
const QUESTION_DELAY: u32 = 10;

pub(crate) struct Guard<'a> {
    options: &'a Options<'a>,
    arguments: Arguments<'a>,
    family: Family,
    socket: OwnedFd,
    children: OwnChildren,
    signals: SignalDescriptor,
    hosts: Hosts,
    /// Whether the command's process exists.
    has_begun: bool,
    /// Whether the keeper may stop this process. A signal in hand would be of no use then, so none is read.
    holds: bool,
    /// When to ask the witness whether the last mark has discarded a SIGCONT to the group.
    next_question: Option<Time>,
    in_transit: InTransit,
    /// What the keeper was not asked for yet, as it does not read.
    unsent: Option<Message>,
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
        Self {
            options,
            arguments,
            family: Family::new(keeper, mirror, witness),
            socket,
            children,
            signals,
            hosts,
            has_begun: false,
            holds: false,
            next_question: None,
            in_transit: InTransit::default(),
            unsent: None,
            stderr,
        }
    }

    pub(crate) fn run(mut self) -> ! {
        let mut has_more = false;
        loop {
            let input = |file: Option<_>| file.map(|file| (file, Wanted::Input));
            // Signals that come before the command exists wait until it does.
            let can_pass_on = self.has_begun && self.unsent.is_none() && !self.holds;
            let signals = can_pass_on.then_some(self.signals.as_fd());
            let files = [input(signals), input(Some(self.socket.as_fd()))];
            // The keeper is told first what came before.
            let had_begun = self.has_begun;
            let hosts = self.hosts.as_fds().map(|host| input(host.filter(|_| had_begun)));
            has_more |= can_pass_on && self.in_transit.is_over();
            let timeout = if has_more { Some(0) } else { self.timeout() };
            let [has_signal, has_message, hosts_exited @ ..] =
                sys::poll::<{ 2 + MAX_HOSTS }>(sys::joined(files, hosts), timeout);
            // Before the signals. At a SIGCONT, the command may stop at once and this process with it.
            if had_begun && (hosts_exited.contains(&true) || self.hosts.iter().any(Host::is_gone)) {
                self.hosts.close();
                self.tell_keeper(Message::HostExited);
            }
            if has_signal {
                self.read_signals();
            } else {
                if can_pass_on {
                    self.in_transit.forget_delivered();
                }
                if self.next_question.is_some_and(|time| time <= now()) {
                    self.ask_about_mark();
                }
            }
            if has_message {
                self.read_messages();
            }
            if let Some(message) = self.unsent.take() {
                self.tell_keeper(message);
            }
            // What has told of a host may have been taken: all are looked at once it has begun.
            has_more = self.family.reap() || self.has_begun != had_begun;
            if self.family.keeper_end().is_some() {
                // What it has sent before its exit.
                self.read_messages();
                take_over(&self.children, &self.signals, Status::Signal(Signal::KILL));
            }
        }
    }

    fn timeout(&self) -> Option<u32> {
        let retry = self.unsent.map(|_| RETRY_INTERVAL);
        // A keeper that was stopped is continued. While no signals are read, none tells of it.
        let start = (!self.has_begun || self.holds).then_some(KEEPER_INTERVAL);
        let question = self.next_question.map(|time| time.milliseconds_from(now()));
        self.hosts.iter().filter_map(Host::poll_interval).chain(retry).chain(start).chain(question).min()
    }

    fn read_signals(&mut self) {
        // There is room for more messages than are received signals.
        if let [false] = sys::poll([Some((self.socket.as_fd(), Wanted::Room))], Some(RETRY_INTERVAL)) {
            return;
        }
        let received = self.signals.receive();
        // Before the command gets it: another one that comes until then, and is discarded by this, is one with it.
        if received.clone().any(|received| received.signal == Signal::CONT) {
            mark::make();
        }
        // Requests first, for the same reason as the exit of the host.
        for request in received.clone().filter_map(|received| request::of(&received)) {
            // The keeper may not have existed when it was sent.
            let message = match request {
                Request::End(end) => {
                    self.tell_keeper(Message::End(end));
                    continue;
                }
                Request::Asked(time) => Message::Asked(time),
                Request::Ask(ask) => Message::Ask(ask),
                Request::Begin => continue,
            };
            message.send(self.socket.as_fd());
        }
        let signals = || received.clone().map(|received| received.signal);
        let is_mixed = signals().any(|one| signals().any(|other| one.discards().contains(&other)));
        for received in received.clone().filter(|received| request::of(received).is_none()) {
            self.treat(&received, !is_mixed);
        }
        self.in_transit.forget_delivered();
    }

    /// Passes a signal on to the command, unless it has it already. `merges`: see [`Witness::has_got`].
    fn treat(&mut self, received: &sys::Received, merges: bool) {
        let &sys::Received { signal, code, sender, .. } = received;
        // The kernel tells about a child, which is waited for after the signals.
        if signal == Signal::CHLD && code > 0 {
            return;
        }
        // This process was continued, as the command was.
        let is_own = signal == Signal::CONT && self.family.own(sender).is_some();
        if is_own && received.is_for_thread() {
            self.next_question = Some(now().after(QUESTION_DELAY));
            return;
        }
        if signal.is_stop() {
            self.ask_about_mark();
        }
        // Each signal is asked about, or a later one would be taken for it. One to the group may have been merged with this one.
        let has_group_got = self.family.has_group_got(signal, merges);
        if is_own && !has_group_got {
            return;
        }
        // The terminal signals the whole group, except that only the leader of the session gets its hang-up.
        let leads_session = || sys::session() == sys::own_pid();
        let is_of_terminal = code > 0
            && Signal::OF_TERMINAL.contains(&signal)
            && !([Signal::HUP, Signal::CONT].contains(&signal) && leads_session());
        self.family.continue_keeper();
        // A command that does not run yet blocks all signals. It gets once what it gets twice.
        self.pass_on(signal, self.has_begun && (has_group_got || is_of_terminal));
    }

    /// Asks the witness what `next_question` says.
    fn ask_about_mark(&mut self) {
        if self.next_question.take().is_some() && self.family.has_group_got(Signal::CONT, true) {
            self.pass_on(Signal::CONT, true);
        }
    }

    fn pass_on(&mut self, signal: Signal, has_group_got: bool) {
        if has_group_got && !self.in_transit.may_undo(signal) {
            Message::DeliverOutside(signal).send(self.socket.as_fd());
        } else if Message::Deliver(signal).send(self.socket.as_fd()) {
            self.in_transit.note(signal);
        }
    }

    fn tell_keeper(&mut self, message: Message) {
        self.family.continue_keeper();
        if !message.send(self.socket.as_fd()) {
            self.unsent = Some(message);
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
                Received::Message(Message::Stopped) => {
                    self.read_signals();
                    self.holds = Message::Holds(mark::renew()).send(self.socket.as_fd());
                }
                Received::Message(Message::Settle) => {
                    self.read_signals();
                    Message::Settled.send(self.socket.as_fd());
                }
                Received::Message(Message::Delivered) => self.in_transit.note_delivered(),
                Received::Message(Message::GoOn) => self.holds = false,
                Received::Message(Message::Discarded) => {
                    mark::make();
                    let lost = sys::Received { signal: Signal::CONT, code: 0, sender: 0, value: 0 };
                    self.treat(&lost, true);
                    self.holds = false;
                }
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
                Received::Closed => take_over(&self.children, &self.signals, Status::Signal(Signal::KILL)),
            }
        }
    }

    /// The command is over. Leaves no zombie to a parent that may never reap.
    fn finish(&mut self, status: Status) -> ! {
        self.family.kill_helpers();
        // A keeper that keeps others goes on, unless it was killed.
        let keeps = self.options.leftovers == Leftovers::Keep;
        loop {
            let has_more = self.family.reap();
            if keeps && matches!(self.family.keeper_end(), Some(Status::Signal(_))) {
                take_over(&self.children, &self.signals, status);
            }
            if !self.family.has_helpers() && (keeps || self.family.keeper_end().is_some()) {
                break;
            }
            if !has_more {
                sys::poll([Some((self.signals.as_fd(), Wanted::Input))], None);
                self.signals.discard();
            }
        }
        sys::exit_like(status)
    }
}
