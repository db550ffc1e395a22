//! The start of the keeper and of the command's process.

use std::os::fd::{AsFd, OwnedFd};

use super::{
    ending::Ending,
    hosts::Hosts,
    keeper::{Keeper, Parts},
    link::Link,
    message::Message,
    name::name_keeper,
    namespace::{self, User},
    procfs::OwnChildren,
};
use crate::{
    arguments::Options,
    common::{
        command::{self, FAILED, Inherited},
        pause,
    },
    sys::{self, Errno, Fork, SignalDescriptor},
    types::{MAX_HOSTS, Pid, Status},
};

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
    hosts: Hosts,
) -> ! {
    // The command's process has this name until it is the command.
    sys::set_name(c"kt-start");
    pause::at("keeper-begun");
    let is_first = matches!(place, Place::InNamespace(..));
    let (link, set_up) = match place {
        Place::Beside(guard) => (Link::to_parent(guard, socket), Ok(())),
        Place::InNamespace(mirror, user) => (Link::out_of_namespace(socket, mirror), namespace::set_up(user)),
    };
    let Some(guard) = link else { sys::exit(FAILED) };
    let group = sys::group();
    let hosts = hosts.of_keeper(is_first);
    match set_up.and_then(|()| start(inherited, options, &guard, hosts)) {
        Ok((command, parts)) => {
            pause::at("forked");
            name_keeper(Some(command));
            // Before the rest, so that the guard answers meanwhile. The answer opens the gate later.
            Message::Forked.send(guard.socket());
            pause::at("sent");
            prepare(&guard, &parts);
            pause::at("prepared");
            Keeper::new(options, guard, group, command, parts).run()
        }
        Err(error) => {
            Message::NotStarted(error).send(guard.socket());
            Message::Over(Status::Code(FAILED)).send(guard.socket());
            sys::exit(FAILED)
        }
    }
}

/// Starts the command's process, which waits at the gate.
fn start(
    inherited: &Inherited,
    options: &Options,
    guard: &Link,
    hosts: Hosts,
) -> Result<(Pid, Parts), Errno> {
    sys::become_subreaper()?;
    let (signals, children) = (SignalDescriptor::new()?, OwnChildren::open()?);
    let ending = Ending::new(options)?;
    let (wait, gate) = sys::pipe()?;
    let (failure, write_failure) = sys::pipe()?;
    let input = if options.until_stdin_ends { sys::duplicate_stdin()? } else { None };
    let keeper = sys::own_pid();
    pause::at("opened");
    match sys::fork()? {
        Fork::Parent(command) => {
            Ok((command, Parts { ending, children, signals, hosts, gate, failure, input }))
        }
        Fork::Child => {
            // With these ends it would not notice that the keeper has exited, and neither would the guard.
            drop(gate);
            sys::close(guard.socket());
            command::run(inherited, options, keeper, &wait, &write_failure)
        }
    }
}

/// Lets go of all that the guard has inherited, as pipes end only once every copy is closed. Leaves the session, so that no
/// signal to the command's group or terminal reaches the keeper.
fn prepare(guard: &Link, parts: &Parts) {
    // Fails for the first process of a group only, which this is not.
    let _ = sys::lead_session();
    sys::change_to_root();
    let kept = [
        Some(guard.socket()),
        guard.control(),
        parts.children.as_file().map(AsFd::as_fd),
        Some(parts.signals.as_fd()),
        Some(parts.gate.as_fd()),
        Some(parts.failure.as_fd()),
        parts.input.as_ref().map(AsFd::as_fd),
    ];
    sys::close_all_but::<{ 7 + MAX_HOSTS }>(sys::joined(kept, parts.hosts.as_fds()));
    sys::null_stdio();
}
