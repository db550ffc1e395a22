//! A process beside the guard that serves it.

use std::os::fd::OwnedFd;

use crate::{
    sys::{self, Errno, Fork},
    types::{Pid, Signal},
};

/// Starts a process, which exits once it has served. Returns its pid, and a connection to the one that the process gets.
pub(crate) fn start(serve: impl FnOnce(&OwnedFd)) -> Result<(Pid, OwnedFd), Errno> {
    let (socket, other) = sys::socket_pair()?;
    match sys::fork()? {
        Fork::Parent(pid) => Ok((pid, socket)),
        Fork::Child => {
            drop(socket);
            serve(&other);
            sys::exit(0)
        }
    }
}

/// Ends a helper that was not reaped, and reaps it: who adopts it may never do so, and zombies count for a limit of processes.
pub(crate) fn end(helper: Pid) {
    let _ = sys::kill(helper, Signal::KILL);
    sys::reap(helper);
}
