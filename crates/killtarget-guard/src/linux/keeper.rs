//! The keeper: the parent of the command, and the reaper of all that the command starts.

use std::os::fd::{AsFd, OwnedFd};

use super::{
    clock::{Time, now},
    command::{self, FAILED, Inherited},
    host::Host,
    kill::{MAX_REAPED, Rounds},
    link::Link,
    message::{Message, Received, receive},
    namespace::{self, User},
    polite::Politeness,
    procfs::OwnChildren,
    request,
};
use crate::{
    arguments::{Leftovers, Options},
    sys::{self, Change, Errno, Fork, SignalDescriptor, Waited, Wanted},
    types::{End, Pid, Signal, Status},
};

/// The intervals in milliseconds between searches for processes that were started in the grace period.
const MIN_SEARCH_INTERVAL: u32 = 10;
const MAX_SEARCH_INTERVAL: u32 = 200;

/// How long the command may take to exit by itself once its standard input has ended, in milliseconds.
const INPUT_GRACE: u32 = 1000;

/// How far the end of the command's processes is.
enum Phase {
    Running,
    /// They were asked to exit.
    Grace {
        end: Time,
        next_search: Time,
        interval: u32,
    },
    Killing {
        rounds: Rounds,
        next: Time,
    },
}

pub(crate) struct Keeper<'a> {
    options: &'a Options<'a>,
    /// `None` once it was told that the command is over, or has exited.
    guard: Option<Link>,
    command: Pid,
    /// Where the command waits, until the guard has passed on earlier signals.
    gate: Option<OwnedFd>,
    /// The process group of the guard.
    group: i32,
    /// How the command has exited.
    status: Option<Status>,
    phase: Phase,
    politeness: Politeness,
    children: OwnChildren,
    signals: SignalDescriptor,
    /// Whether more children may have to be reaped.
    has_more: bool,
    host: Option<Host>,
    /// Why the command could not be started. Closed once it runs.
    failure: Option<OwnedFd>,
    /// A copy of the command's standard input, of which only the end is waited for.
    input: Option<OwnedFd>,
    /// When the end of standard input counts as the exit of the host.
    input_end: Option<Time>,
}

/// Where the keeper is.
pub(crate) enum Place {
    /// Beside the guard, whose pid this is.
    Beside(i32),
    /// The first process of a PID namespace. The descriptor leads to the process that stops and continues the guard.
    InNamespace(OwnedFd, Option<User>),
}

/// Is the keeper: starts the command, and ends all that it has started.
pub(crate) fn keep(
    inherited: &Inherited,
    options: &Options,
    place: Place,
    socket: OwnedFd,
    host: Option<Host>,
) -> ! {
    sys::set_name(c"kt-keeper");
    let is_first = matches!(place, Place::InNamespace(..));
    let (link, set_up) = match place {
        Place::Beside(guard) => (Link::to_parent(guard, socket), Ok(())),
        Place::InNamespace(mirror, user) => (Link::out_of_namespace(socket, mirror), namespace::set_up(user)),
    };
    let Some(guard) = link else { sys::exit(FAILED) };
    let group = sys::group();
    match set_up.and_then(|()| start(inherited, options, &guard)) {
        Ok((command, parts)) => {
            let host = host.and_then(|host| host.of_keeper(is_first));
            let input = options.until_stdin_ends.then(|| sys::duplicate(0).ok()).flatten();
            prepare(&guard, &parts, host.as_ref(), input.as_ref());
            Message::Forked.send(guard.socket());
            Keeper {
                options,
                guard: Some(guard),
                command,
                status: None,
                phase: Phase::Running,
                politeness: parts.politeness,
                children: parts.children,
                signals: parts.signals,
                host,
                gate: Some(parts.gate),
                group,
                has_more: false,
                failure: Some(parts.failure),
                input,
                input_end: None,
            }
            .run()
        }
        Err(error) => {
            Message::NotStarted(error).send(guard.socket());
            Message::Over(Status::Code(FAILED)).send(guard.socket());
            sys::exit(FAILED)
        }
    }
}

/// What the keeper needs from its start on.
struct Parts {
    politeness: Politeness,
    children: OwnChildren,
    signals: SignalDescriptor,
    gate: OwnedFd,
    failure: OwnedFd,
}

/// Starts the command's process, which waits at the gate.
fn start(inherited: &Inherited, options: &Options, guard: &Link) -> Result<(Pid, Parts), Errno> {
    sys::become_subreaper()?;
    let (signals, children) = (SignalDescriptor::new()?, OwnChildren::open()?);
    let politeness = Politeness::new(options.kill_signal)?;
    let (gate, open_gate) = sys::pipe()?;
    let (failure, write_failure) = sys::pipe()?;
    let keeper = sys::own_pid();
    match sys::fork()? {
        Fork::Parent(command) => {
            Ok((command, Parts { politeness, children, signals, gate: open_gate, failure }))
        }
        Fork::Child => {
            // With these ends it would not notice that the keeper has exited, and neither would the guard.
            drop(open_gate);
            sys::close(guard.socket());
            command::run(inherited, options, keeper, &gate, &write_failure)
        }
    }
}

/// Lets go of all that the guard has inherited, as pipes end only once every copy is closed. Leaves the session, so that no
/// signal to the command's group or terminal reaches the keeper.
fn prepare(guard: &Link, parts: &Parts, host: Option<&Host>, input: Option<&OwnedFd>) {
    // Fails for the first process of a group only, which this is not.
    let _ = sys::lead_session();
    sys::change_to_root();
    sys::close_all_but([
        Some(guard.socket()),
        guard.control(),
        parts.children.as_file().map(AsFd::as_fd),
        Some(parts.signals.as_fd()),
        Some(parts.gate.as_fd()),
        Some(parts.failure.as_fd()),
        host.and_then(Host::as_fd),
        input.map(AsFd::as_fd),
    ]);
    sys::null_stdio();
}

impl Keeper<'_> {
    fn run(mut self) -> ! {
        loop {
            let input = |file: Option<_>| file.map(|file| (file, Wanted::Input));
            let [has_signal, has_message, has_host_exited, has_failed, has_input_ended] = sys::poll(
                [
                    input(Some(self.signals.as_fd())),
                    input(self.guard.as_ref().map(|guard| guard.socket())),
                    input(self.host.as_ref().and_then(Host::as_fd)),
                    input(self.failure.as_ref().map(AsFd::as_fd)),
                    self.input.as_ref().map(|file| (file.as_fd(), Wanted::HangUp)),
                ],
                self.timeout(),
            );
            if has_failed {
                self.read_failure();
            }
            if has_signal {
                self.read_signals();
            }
            if has_message {
                self.read_messages();
            }
            if has_host_exited || self.polled_host().is_some_and(Host::is_gone) {
                self.host = None;
                self.lose_host();
            }
            // Without descriptors, which another process can take from this one, no message comes.
            if self.guard.as_ref().is_some_and(Link::has_guard_exited) {
                self.read_messages();
                self.lose_guard();
            }
            if has_input_ended {
                self.input = None;
                self.input_end = Some(now().after(INPUT_GRACE));
            }
            let has_reaped = self.reap();
            self.advance(has_reaped);
        }
    }

    /// For how many milliseconds there is nothing to do unless something happens.
    fn timeout(&self) -> Option<u32> {
        let due = match &self.phase {
            Phase::Running => None,
            Phase::Grace { end, next_search, .. } => Some(*end.min(next_search)),
            Phase::Killing { next, .. } => Some(*next),
        };
        let due = due.into_iter().chain(self.input_end).min().map(|time| time.milliseconds_from(now()));
        let more = self.has_more.then_some(0);
        due.into_iter().chain(more).chain(self.polled_host().and_then(Host::poll_interval)).min()
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
            if let Some(end) = request::of(&received) {
                self.begin(end);
            }
        }
    }

    fn read_messages(&mut self) {
        while let Some(guard) = &self.guard {
            match receive(guard.socket()) {
                Received::Nothing => return,
                // Before its exit is known the command was not reaped, so the pid is its own.
                Received::Message(Message::Deliver(signal)) => {
                    if self.status.is_none() {
                        let _ = sys::kill(self.command, signal);
                    }
                }
                Received::Message(Message::End(end)) => self.begin(end),
                Received::Message(Message::DeliverOutside(signal)) => {
                    if self.status.is_none() && sys::group_of(self.command) != Some(self.group) {
                        let _ = sys::kill(self.command, signal);
                    }
                }
                Received::Message(Message::Begin) => {
                    if let Some(gate) = self.gate.take() {
                        sys::write(gate.as_fd(), b"x");
                    }
                }
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

    /// Returns the host, if this process has to ask for it.
    fn polled_host(&self) -> Option<&Host> {
        self.host.as_ref().filter(|host| self.guard.is_none() || !host.is_noticed_by_child())
    }

    fn lose_host(&mut self) {
        if let Some(end) = self.options.orphaned {
            self.begin(end);
        }
    }

    /// Begins to end the command's processes, or hurries.
    fn begin(&mut self, end: End) {
        let options = self.options;
        let is_polite = end == End::Terminate && options.grace > 0 && options.kill_signal != Signal::KILL;
        match self.phase {
            Phase::Running if is_polite => {
                let now = now();
                let end = now.after(options.grace);
                self.phase = Phase::Grace { end, next_search: now, interval: MIN_SEARCH_INTERVAL };
            }
            Phase::Grace { .. } if is_polite => {}
            Phase::Killing { .. } => {}
            Phase::Running | Phase::Grace { .. } => {
                self.phase = Phase::Killing { rounds: Rounds::new(), next: now() };
            }
        }
        // A guard that is stopped with the command could not tell how it ends.
        self.continue_guard();
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
                Waited::NoChildren => self.finish(),
                Waited::Child(pid, change) => {
                    let is_command = pid == self.command.raw() && self.status.is_none();
                    match change {
                        Change::Exited(status) => {
                            has_reaped = true;
                            if is_command {
                                self.status = Some(status);
                                self.continue_guard();
                            }
                            if let Some(guard) = &mut self.guard {
                                guard.forget(pid);
                            }
                        }
                        Change::Stopped if is_command && matches!(self.phase, Phase::Running) => {
                            if let Some(guard) = &mut self.guard {
                                guard.stop_guard(&self.signals);
                            }
                        }
                        Change::Continued if is_command => self.continue_guard(),
                        Change::Stopped | Change::Continued => {}
                    }
                }
            }
        }
        if self.status.is_some() && matches!(self.phase, Phase::Running) && self.guard.is_some() {
            self.treat_leftovers();
        }
        has_reaped
    }

    /// The command has exited, and others still run.
    fn treat_leftovers(&mut self) {
        match self.options.leftovers {
            Leftovers::End(end) => self.begin(end),
            Leftovers::Keep => {
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
            Message::Over(self.status.unwrap_or(Status::Signal(Signal::KILL))).send(guard.socket());
        }
    }

    /// Does what is due.
    fn advance(&mut self, has_reaped: bool) {
        let now = now();
        if self.input_end.is_some_and(|end| end <= now) {
            self.input_end = None;
            self.lose_host();
        }
        match &mut self.phase {
            Phase::Running => {}
            Phase::Grace { end, .. } if *end <= now => self.begin(End::Kill),
            Phase::Grace { next_search, interval, .. } => {
                if *next_search <= now {
                    self.politeness.ask(&self.children);
                    *next_search = now.after(*interval);
                    *interval = (*interval * 2).min(MAX_SEARCH_INTERVAL);
                }
            }
            Phase::Killing { rounds, next } => {
                if has_reaped || *next <= now {
                    *next = now.after(rounds.next(&self.children, has_reaped));
                }
            }
        }
    }

    /// Nothing is left.
    fn finish(&mut self) -> ! {
        self.tell_guard();
        sys::exit(0)
    }
}
