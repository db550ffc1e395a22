//! A process beside the guard that serves it.

use std::os::fd::OwnedFd;

use crate::{
    sys::{self, Errno, Fork},
    types::Pid,
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
