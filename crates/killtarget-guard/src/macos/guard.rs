//! The guard itself: what the host has started, and the parent of the command. It stands for the command: its signals, its stops,
//! its exit status.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use super::{
    custody::Custody,
    link::Link,
    message::{Message, Received},
    request,
    start::Start,
    tally::Tally,
};
use crate::{
    arguments::{Begin, Leftovers, Options},
    common::{
        clock::{Time, now},
        gate::Gate,
    },
    sys::{self, Arguments, Change, Event, Events, Waited},
    types::{End, Pid, Signal, Status},
};

/// How long the command may take to exit by itself once its standard input has ended, in milliseconds.
const INPUT_GRACE: u32 = 1000;

pub(crate) struct Guard<'a> {
    options: &'a Options<'a>,
    /// From the command on.
    arguments: Arguments<'a>,
    pub(super) custody: Custody<'a>,
    /// `None` once the keeper has exited.
    pub(super) keeper: Option<Link>,
    pub(super) command: Pid,
    /// How the command has exited.
    pub(super) status: Option<Status>,
    pub(super) gate: Gate,
    /// Whether signals are counted. What came before was passed on.
    pub(super) has_begun: bool,
    pub(super) tally: Tally,
    pub(super) group: i32,
    start: Start,
    /// A copy of the command's standard input, of which only the end is waited for.
    input: Option<OwnedFd>,
    /// Until when the command may run.
    limit: Option<Time>,
    /// When the end of standard input counts as the exit of the host.
    input_end: Option<Time>,
    /// Whether no member is left.
    is_over: bool,
}

/// What the guard has opened before.
pub(crate) struct Parts<'a> {
    pub(crate) custody: Custody<'a>,
    pub(crate) keeper: Link,
    pub(crate) command: Pid,
    pub(crate) gate: OwnedFd,
    pub(crate) start: Start,
    pub(crate) input: Option<OwnedFd>,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(options: &'a Options<'a>, arguments: Arguments<'a>, parts: Parts<'a>) -> Self {
        let Parts { custody, keeper, command, gate, start, input } = parts;
        sys::close_all_but([
            Some(custody.queue.as_fd()),
            Some(keeper.socket()),
            Some(gate.as_fd()),
            start.as_fd(),
            start.stderr(),
            input.as_ref().map(AsFd::as_fd),
        ]);
        Message::Command(command).send(keeper.socket());
        Self {
            options,
            arguments,
            custody,
            keeper: Some(keeper),
            command,
            status: None,
            gate: Gate::new(gate, options.begin == Begin::AtRequest),
            has_begun: false,
            tally: Tally::new(),
            group: sys::group(),
            start,
            input,
            limit: options.timeout.map(|timeout| now().after(timeout)),
            input_end: None,
            is_over: false,
        }
    }

    pub(crate) fn run(mut self) -> ! {
        // Those that came before the queue counted. They stay pending: nothing unblocks them.
        sys::pending().for_each(|signal| self.receive(signal, 1));
        loop {
            let events = self.custody.queue.wait(self.timeout());
            self.treat_exits(&events);
            // Last: at a SIGCONT, the command may stop at once and this process with it.
            self.pass_on(&events);
            self.reap();
            self.advance();
        }
    }

    fn timeout(&self) -> Option<u32> {
        let due = self
            .custody
            .due()
            .into_iter()
            .chain(self.input_end)
            .chain(self.limit)
            .chain(self.gate.due())
            .min();
        due.map(|time| time.milliseconds_from(now()))
    }

    /// Treats all events but signals that are for the command.
    pub(super) fn treat_exits(&mut self, events: &Events) {
        for event in events.iter() {
            match event {
                Event::Process { pid, has_forked, has_exited } => {
                    if self.custody.treat(pid, has_forked, has_exited) {
                        self.lose_host();
                    }
                }
                Event::Signal(signal, _) if request::is_kill(signal) => self.begin(End::Kill),
                Event::Signal(..) => {}
                Event::Readable { descriptor, has_ended } => self.read(descriptor, has_ended),
            }
        }
    }

    fn read(&mut self, descriptor: RawFd, has_ended: bool) {
        let is = |file: Option<BorrowedFd>| file.is_some_and(|file| file.as_raw_fd() == descriptor);
        if is(self.start.as_fd()) {
            self.start.read(self.arguments);
        } else if is(self.input.as_ref().map(AsFd::as_fd)) {
            if has_ended {
                self.input = None;
                self.input_end = Some(now().after(INPUT_GRACE));
            }
        } else {
            self.read_messages();
        }
    }

    fn read_messages(&mut self) {
        while let Some(keeper) = &self.keeper {
            match keeper.receive() {
                Received::Nothing => return,
                Received::Message(Message::Ready) => self.begin_to_count(),
                Received::Message(_) => {}
                Received::Closed => self.lose_keeper(),
            }
        }
    }

    /// Without a keeper a signal to the group reaches the command twice, and stops are not mirrored, as nothing would continue this
    /// process. The command's processes are ended as before.
    pub(super) fn lose_keeper(&mut self) {
        self.keeper = None;
        if !self.has_begun {
            // The command still waits at the gate, and exits with this process.
            self.start.fail(b"cannot start", "the keeper has exited");
        }
    }

    /// Begins to end the command's processes, or hurries.
    fn begin(&mut self, end: End) {
        // At the gate the command acts on no signal but this one.
        self.custody.begin(if self.gate.is_open() { end } else { End::Kill });
    }

    fn lose_host(&mut self) {
        if let Some(end) = self.options.orphaned {
            self.begin(end);
        }
    }

    fn reap(&mut self) {
        loop {
            match sys::wait_next() {
                Waited::Nothing => break,
                Waited::NoChildren => {
                    self.status.get_or_insert(Status::Signal(Signal::KILL));
                    break;
                }
                Waited::Child(pid, change) if pid == self.command.raw() => match change {
                    Change::Exited(status) => {
                        self.status = Some(status);
                        self.tell_keeper(Message::Exited);
                        self.start.read(self.arguments);
                    }
                    Change::Stopped => self.mirror_stop(),
                    Change::Continued => {}
                },
                Waited::Child(pid, Change::Exited(_)) => {
                    if self.keeper.as_ref().is_some_and(|keeper| keeper.pid().raw() == pid) {
                        self.lose_keeper();
                    }
                }
                Waited::Child(..) => {}
            }
        }
        if self.status.is_some() && !self.custody.has_begun() {
            self.treat_leftovers();
        }
    }

    fn tell_keeper(&self, message: Message) -> bool {
        self.keeper.as_ref().is_some_and(|keeper| message.send(keeper.socket()))
    }

    /// Stops this process with the command, so that a shell notices. The keeper continues it with the command: a SIGCONT to both that
    /// comes before the stop would be lost otherwise.
    fn mirror_stop(&self) {
        if !self.custody.has_begun() && self.tell_keeper(Message::Stops) {
            sys::stop_self();
        }
    }

    /// The command has exited. Others may still run.
    fn treat_leftovers(&mut self) {
        match self.options.leftovers {
            Leftovers::End(end) => self.begin(end),
            Leftovers::Leave => self.finish(),
            Leftovers::Keep => {
                self.is_over = self.is_over || self.custody.is_over();
                if self.is_over {
                    self.finish();
                }
                if self.tell_keeper(Message::Keep) {
                    sys::exit_like(self.status.unwrap_or(Status::Signal(Signal::KILL)));
                }
                // Without a keeper nothing can be kept.
                self.begin(End::Terminate);
            }
        }
    }

    /// Does what is due.
    fn advance(&mut self) {
        self.gate.advance();
        if self.input_end.is_some_and(|end| end <= now()) {
            self.input_end = None;
            self.lose_host();
        }
        if self.limit.is_some_and(|limit| limit <= now()) {
            self.limit = None;
            self.begin(End::Terminate);
        }
        self.is_over |= self.custody.advance();
        if self.is_over && self.status.is_some() && self.custody.has_begun() {
            self.finish();
        }
    }

    /// The command is over. Leaves no zombie to a parent that may never reap.
    fn finish(&mut self) -> ! {
        if let Some(keeper) = self.keeper.take() {
            keeper.end(&self.custody.queue);
        }
        sys::exit_like(self.status.unwrap_or(Status::Signal(Signal::KILL)))
    }
}
