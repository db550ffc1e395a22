//! The processes that listen on a port, where the kernel names the processes of a socket.

use std::collections::BTreeSet;

use listeners::{Listener, Protocol, SocketState};

use crate::types::{Error, Pid};

/// The crate gives no number with its errors.
const LIST_SOCKETS: &str = "listeners";

/// Returns the pids of the processes that have a socket that listens on the port. On macOS, those of other users are not found.
///
/// # Errors
/// [`Error::Os`]: `EIO` if the processes cannot be listed.
pub(crate) fn listening_pids(port: u16) -> Result<Vec<Pid>, Error> {
    let all = listeners::get_all().map_err(|_| Error::Os { errno: libc::EIO, syscall: LIST_SOCKETS })?;
    let listening = all.iter().filter(|listener| is_on(listener, port));
    let pids: BTreeSet<_> = listening.map(|listener| listener.process.pid).collect();
    Ok(pids.into_iter().filter_map(|pid| Pid::new(pid.cast_signed()).ok()).collect())
}

/// A socket for UDP has no state.
fn is_on(listener: &Listener, port: u16) -> bool {
    let receives = listener.protocol == Protocol::UDP || listener.state == SocketState::Listen;
    listener.socket.port() == port && receives
}
