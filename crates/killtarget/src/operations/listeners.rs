//! The processes that listen on a port.

use crate::{
    sys,
    target::KillTarget,
    types::{Error, ProcessInfo},
};

/// Returns the processes that listen on a port, for TCP or UDP, on any address of this machine.
///
/// 1. Find the pids.
/// 2. Open the processes. By now one may have exited, and a later one may have its pid.
/// 3. Find the pids once more. An open process listens if its pid is still found, and the process has not exited.
///
/// # Errors
/// [`Error::Os`]: `EPERM` if a process that listens may not be looked at; `ENOSYS` if processes are not visible.
/// [`Error::ListenerHidden`]: a process that listens is not visible.
pub fn listeners(port: u16) -> Result<Vec<ProcessInfo>, Error> {
    let pids = sys::listening_pids(port)?;
    if pids.is_empty() {
        return Ok(Vec::new());
    }
    let mut listening = Vec::new();
    for pid in pids {
        listening.push(KillTarget::open_candidate(pid)?);
    }
    let pids = sys::listening_pids(port)?;
    listening.retain(|target| pids.contains(&target.pid()) && target.is_alive() == Ok(true));
    Ok(listening.iter().filter_map(KillTarget::info).collect())
}
