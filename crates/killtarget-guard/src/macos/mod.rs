//! macOS: two processes, which find what the command has started.
//!
//! There are no subreapers and no jobs: orphans become children of launchd. So the **guard** notes each process as it is forked, and
//! finds others by their session and their group. The guard is the parent of the command. It stays in the host's process group and
//! terminal. Its child, the **keeper**, shares its notes, and goes on if the guard is killed.
//!
//! What can escape: a process that was forked by one that has exited before it was noted, and that has left the session. And all, if
//! something kills both the guard and the keeper, as SIGKILL to their process group does.
//!
//! None of this has run on macOS yet. The comments name the source of each fact about the kernel: xnu 11417.

mod custody;
mod guard;
mod hosts;
mod keeper;
mod link;
mod members;
mod message;
mod request;
mod signals;
mod start;
mod tally;
mod watch;

use std::os::fd::{AsFd, BorrowedFd};

use self::{
    custody::{Custody, Memory},
    guard::{Guard, Parts},
    keeper::Keeper,
    link::Link,
    members::Origin,
    start::Start,
};
use crate::{
    arguments::{self, Options},
    common::{
        command::{self, Inherited},
        report::fail,
    },
    sys::{self, Arguments, Errno, Fork, Queue, Sender},
    types::{Pid, Signal},
};

/// Is the guard of the command that the arguments name.
pub(crate) fn start(whole: Arguments) -> ! {
    let stderr = sys::stderr();
    let arguments = whole.skip(1);
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
    let inherited = Inherited { arguments, mask, at_child };
    if options.watch {
        watch::run(&inherited, &options, stderr);
    }
    match launch(&inherited, &options, whole, stderr) {
        Ok(parts) => Guard::new(&options, arguments, parts).run(),
        Err(Refusal::HostIsGone) => fail(stderr, b"host", "has exited"),
        Err(Refusal::System(error)) => fail(stderr, b"cannot start", error.text()),
    }
}

/// Why nothing was started.
enum Refusal {
    HostIsGone,
    System(Errno),
}

impl From<Errno> for Refusal {
    fn from(error: Errno) -> Self {
        Self::System(error)
    }
}

/// Starts the keeper and the command's process, which waits at the gate: if this process exits, it exits.
///
/// Both are newer than the guard in its process group, so the kernel signals them first.
fn launch<'a>(
    inherited: &Inherited,
    options: &'a Options<'a>,
    whole: Arguments<'a>,
    stderr: Option<BorrowedFd<'static>>,
) -> Result<Parts<'a>, Refusal> {
    let (guard, parent) = (sys::own_pid(), sys::parent_pid());
    let (memory, sender) = (Memory::reserve()?, Sender::new());
    let session = sys::session();
    let own_id = sys::unique_id(guard).ok_or(Errno::ESRCH)?;
    let mut origin = Origin { session, leads_session: session == guard, guards: [own_id, 0] };
    let (socket, of_keeper) = sys::socket_pair()?;
    let keeper = match sys::fork()? {
        Fork::Parent(keeper) => Link::new(keeper, socket),
        Fork::Child => {
            drop(socket);
            let guard = Pid::new(guard).ok_or(Errno::ESRCH)?;
            sys::close_all_but([Some(of_keeper.as_fd())]);
            sys::null_stdio();
            sys::change_to_root();
            let queue = queue()?;
            queue.watch_input(of_keeper.as_fd())?;
            // If the guard has exited already, the keeper sees that it has another parent.
            let _ = queue.watch_exit(guard.raw());
            origin.guards = [own_id, sys::unique_id(sys::own_pid()).unwrap_or(0)];
            let mut custody = Custody::new(options, queue, origin, memory, sender);
            // If a host has exited, the guard notices it as well.
            let _ = custody.watch_hosts(parent);
            Keeper::new(custody, whole, guard, of_keeper).run()
        }
    };
    drop(of_keeper);
    let (wait, gate) = sys::pipe()?;
    let (failure, write_failure) = sys::pipe()?;
    let input = if options.until_stdin_ends { sys::duplicate_stdin()? } else { None };
    let command = match sys::fork()? {
        Fork::Parent(command) => command,
        Fork::Child => {
            // With these ends it would not notice that the guard has exited, and neither would the keeper.
            drop((gate, keeper));
            whole.rename(b"kt-start");
            command::run(inherited, options, guard, &wait, &write_failure)
        }
    };
    origin.guards = [own_id, sys::unique_id(keeper.pid().raw()).unwrap_or(0)];
    let queue = queue()?;
    for file in [keeper.socket(), failure.as_fd()] {
        queue.watch_input(file)?;
    }
    if let Some(input) = &input {
        // It fails for files that have no other end, such as /dev/null.
        let _ = queue.watch_end(input.as_fd());
    }
    let mut custody = Custody::new(options, queue, origin, memory, sender);
    custody.watch_hosts(parent).map_err(|hosts::HostIsGone| Refusal::HostIsGone)?;
    custody.admit(command.raw())?;
    Ok(Parts { custody, keeper, command, gate, start: Start::new(failure, stderr), input })
}

fn queue() -> Result<Queue, Errno> {
    let queue = Queue::new()?;
    queue.watch_signals()?;
    Ok(queue)
}
