//! Linux: two processes, both subreapers.
//!
//! The **guard** is what the host has started. It stays in the host's process group and terminal. The **keeper** is its child, in
//! a session of its own. The **command** is the keeper's child, in the guard's process group. So:
//!
//! - Whatever is started below the keeper exits below the keeper, as the kernel reparents orphans to the nearest subreaper.
//! - If the guard is ended by SIGKILL, the keeper ends all below it, and the reverse. One process alone would free all.
//! - Terminals, job control and signals to the group work as without a guard.
//!
//! The keeper exits only once `waitpid` reports that it has no children, and the guard only after it.

mod causes;
mod child;
mod depth;
mod ending;
mod family;
mod got;
mod guard;
mod helper;
mod host;
mod hosts;
mod in_transit;
mod keeper;
mod kill;
mod launch;
mod link;
mod mark;
mod message;
mod mirror;
mod moment;
mod name;
mod namespace;
mod others;
mod polite;
mod procfs;
mod request;
mod stop;
mod take_over;
mod waker;
mod watch;
mod witness;

use std::os::fd::BorrowedFd;

use self::{
    guard::{Guard, Parts},
    hosts::Hosts,
    launch::{Place, keep},
    procfs::OwnChildren,
    witness::Witness,
};
use crate::{
    arguments::{self, Options},
    common::{command::Inherited, pause, report::fail},
    isolation::Isolation,
    sys::{self, Arguments, Errno, Fork, SignalDescriptor},
    types::{Pid, Signal},
};

/// Is the guard of the command that the arguments name.
pub(crate) fn start(arguments: Arguments) -> ! {
    let stderr = sys::stderr();
    let arguments = arguments.skip(1);
    let (options, position) = match arguments::parse(arguments.iter()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let (subject, text) = error.message();
            fail(stderr, subject, text)
        }
    };
    let arguments = arguments.skip(position);
    // Before anything is started: from here on no signal ends this process, or is lost.
    let mask = sys::block_all();
    // If the host ignores SIGCHLD, children vanish without a status.
    let at_child = sys::reset(Signal::CHLD);
    pause::at("begun");
    let inherited = Inherited { arguments, mask, at_child };
    if options.watch {
        watch::run(&inherited, &options, stderr);
    }
    let hosts = Hosts::open(&options).unwrap_or_else(|refusal| fail(stderr, b"host", refusal.text()));
    pause::at("hosts");
    match start_keeper(&inherited, &options, hosts, stderr) {
        Ok((keeper, parts)) => Guard::new(&options, arguments, keeper, parts).run(),
        Err(Refusal { what, error }) => fail(stderr, what, error.text()),
    }
}

/// What the system has refused.
struct Refusal {
    what: &'static [u8],
    error: Errno,
}

impl From<Errno> for Refusal {
    fn from(error: Errno) -> Self {
        Self { what: b"cannot start", error }
    }
}

fn start_keeper(
    inherited: &Inherited,
    options: &Options,
    hosts: Hosts,
    stderr: Option<BorrowedFd<'static>>,
) -> Result<(Pid, Parts), Refusal> {
    sys::become_subreaper()?;
    let children = OwnChildren::open()
        .map_err(|error| Refusal { what: b"cannot use a /proc of this PID namespace", error })?;
    let signals = SignalDescriptor::of_all_but(Signal::MARK)?;
    mark::make();
    let (socket, of_keeper) = sys::socket_pair()?;
    let guard = sys::own_pid();
    let witness = Witness::start()?;
    let (fork, place, mirror) =
        fork_keeper(options.isolation, guard).inspect_err(|_| helper::end(witness.pid()))?;
    match fork {
        Fork::Parent(keeper) => {
            pause::at("keeper");
            Ok((keeper, Parts { socket, children, signals, hosts, witness, mirror, stderr }))
        }
        Fork::Child => {
            drop((socket, signals, children));
            keep(inherited, options, place, of_keeper, hosts)
        }
    }
}

/// Returns the place of the keeper, too, and the pid of the mirror, if it needs one.
fn fork_keeper(isolation: Isolation, guard: i32) -> Result<(Fork, Place, Option<Pid>), Refusal> {
    match isolation {
        Isolation::Reaper => Ok((sys::fork()?, Place::Beside(guard), None)),
        Isolation::PidNamespace => {
            let (mirror, to_mirror) = mirror::start()?;
            let (fork, user) = namespace::fork().map_err(|error| {
                helper::end(mirror);
                Refusal { what: b"cannot make a PID namespace", error }
            })?;
            Ok((fork, Place::InNamespace(to_mirror, user), Some(mirror)))
        }
    }
}
