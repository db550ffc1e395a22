//! Calls that take the number of a process.
//!
//! What a number means can change at any time: who signals through here must have checked whose it is right before.

use nix::{
    errno::Errno,
    unistd::{getpid, getppid, getsid},
};

use crate::types::{Exit, Pid, Signal};

/// The calling process.
pub(crate) fn own_pid() -> Pid {
    Pid::from_raw(getpid().as_raw()).unwrap_or(Pid::INIT) // getpid(2) is positive and never fails
}

/// The parent of the calling process, if it has one in this PID namespace.
pub(crate) fn own_parent() -> Option<Pid> {
    Pid::from_raw(getppid().as_raw())
}

/// The session of a process: none if there is no such process, or if the session is outside this namespace.
pub(crate) fn session_of(pid: Pid) -> Option<Pid> {
    getsid(Some(nix::unistd::Pid::from_raw(pid.as_raw())))
        .ok()
        .and_then(|session| Pid::from_raw(session.as_raw()))
}

/// `kill(pid, signal)`: signals the process that has the number now.
///
/// # Errors
/// `ESRCH`: there is none. `EPERM`: not permitted.
///
/// # References
/// `kill(2)`
pub(in crate::sys) fn kill(pid: Pid, signal: i32) -> Result<(), Errno> {
    // SAFETY: takes two integers and touches no memory of ours.
    Errno::result(unsafe { libc::kill(pid.as_raw(), signal) }).map(drop)
}

/// `kill(-group, signal)`: signals every process in the group that has the number now.
///
/// # Errors
/// `ESRCH`: no such group. `EPERM`: none of it is permitted. `EINVAL`: group 1, which `kill(2)` has no way to name,
/// as -1 means everyone.
///
/// # References
/// `kill(2)`
pub(in crate::sys) fn kill_group(group: Pid, signal: i32) -> Result<(), Errno> {
    if group == Pid::INIT {
        return Err(Errno::EINVAL);
    }
    // SAFETY: takes two integers and touches no memory of ours. The first is below -1, so it names one group.
    Errno::result(unsafe { libc::kill(-group.as_raw(), signal) }).map(drop)
}

/// What `waitid(2)` tells of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sys) enum Child {
    /// It is no child of this process, or was reaped.
    No,
    Running,
    Ended(Exit),
}

/// `waitid(idtype, id, &info, WEXITED | WNOHANG | WNOWAIT)`: whether it names a child of this process, and how that
/// ended. Reaps nothing: the child's end stays to be waited for by whoever started it.
///
/// # Errors
/// `EINVAL`: the kernel does not know this kind of id.
///
/// # References
/// `waitid(2)`: `ECHILD` for what is no child; an `si_pid` of 0 for one that runs.
pub(in crate::sys) fn child(idtype: libc::idtype_t, id: libc::id_t) -> Result<Child, Errno> {
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: plain data, for which all zeroes is a valid value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes a siginfo_t to the pointer, which is good for one, and keeps nothing of it.
    match Errno::result(unsafe { libc::waitid(idtype, id, &raw mut info, options) }) {
        Err(Errno::ECHILD) => return Ok(Child::No),
        result => result?,
    };
    // SAFETY: waitid(2) has filled in the fields of a SIGCHLD, or left the zeroes.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    // macOS puts more than the code into the upper bits. (`waitid_nocancel` in xnu)
    Ok(match (pid, info.si_code) {
        (0, _) => Child::Running,
        (_, libc::CLD_EXITED) => Child::Ended(Exit::Code(status & 0xff)),
        _ => Child::Ended(Signal::new(status & 0x7f).map_or(Exit::Unknown, Exit::Signal)),
    })
}
