//! System calls that take a pid.
//!
//! A pid can be reused at any time. A caller that signals by pid must verify the process directly before.

use nix::{
    errno::Errno,
    unistd::{getpgid, getpid, getppid, getsid},
};

use crate::{
    sys::types::Unreadable,
    types::{Exit, Pid, Signal},
};

/// Returns the pid of the calling process.
pub(crate) fn own_pid() -> Pid {
    Pid::from_raw(getpid().as_raw()).unwrap_or(Pid::INIT) // getpid(2) is positive and never fails
}

/// Returns the parent of the calling process. Returns `None` if it is outside this PID namespace.
pub(crate) fn own_parent() -> Option<Pid> {
    Pid::from_raw(getppid().as_raw())
}

/// `getsid(pid)`
///
/// Returns the session of a process, or `None` if no process has the pid, or if the session is outside this PID namespace.
///
/// # Errors
/// An LSM or a seccomp filter refuses the call.
///
/// # References
/// `getsid(2)`
pub(crate) fn read_session(pid: Pid) -> Result<Option<Pid>, Unreadable> {
    match getsid(Some(nix::unistd::Pid::from_raw(pid.as_raw()))) {
        Ok(session) => Ok(Pid::from_raw(session.as_raw())),
        Err(Errno::ESRCH) => Ok(None),
        Err(_) => Err(Unreadable),
    }
}

/// Returns whether a process is in the group, or may be as that cannot be read.
pub(crate) fn may_be_in_group(pid: Pid, group: Pid) -> bool {
    may_be(getpgid(Some(nix::unistd::Pid::from_raw(pid.as_raw()))), group)
}

/// Returns whether a process is in the session, or may be as that cannot be read.
pub(crate) fn may_be_in_session(pid: Pid, session: Pid) -> bool {
    may_be(getsid(Some(nix::unistd::Pid::from_raw(pid.as_raw()))), session)
}

/// An LSM or a seccomp filter may refuse the call. `ESRCH`: no process has the pid.
fn may_be(found: Result<nix::unistd::Pid, Errno>, id: Pid) -> bool {
    match found {
        Ok(found) => found.as_raw() == id.as_raw(),
        Err(errno) => errno != Errno::ESRCH,
    }
}

/// `kill(pid, signal)`
///
/// Signals the process that has the pid now.
///
/// # Errors
/// `ESRCH`: no process has the pid. `EPERM`: the signal is not permitted.
///
/// # References
/// `kill(2)`
pub(in crate::sys) fn kill(pid: Pid, signal: i32) -> Result<(), Errno> {
    // SAFETY: the call takes two integers and accesses no memory.
    Errno::result(unsafe { libc::kill(pid.as_raw(), signal) }).map(drop)
}

/// `kill(-group, signal)`
///
/// Signals every member of the group that has the id now.
///
/// # Errors
/// `ESRCH`: no group has the id. `EPERM`: no member may be signalled. `EINVAL`: the group is 1, which `kill(2)`
/// cannot name, as -1 means every process.
///
/// # References
/// `kill(2)`
pub(in crate::sys) fn kill_group(group: Pid, signal: i32) -> Result<(), Errno> {
    if group == Pid::INIT {
        return Err(Errno::EINVAL);
    }
    // SAFETY: the call takes two integers and accesses no memory. The first is below -1, so it names one group.
    Errno::result(unsafe { libc::kill(-group.as_raw(), signal) }).map(drop)
}

/// What `waitid(2)` reports about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sys) enum Child {
    /// It is not a child of this process, or it was reaped.
    No,
    Running,
    Exited(Exit),
}

/// `waitid(idtype, id, &info, WEXITED | WNOHANG | WNOWAIT)`
///
/// Returns whether the id names a child of this process, and its exit status if it has exited. Reaps nothing, so the
/// code that started the child can still wait for it.
///
/// # Errors
/// `EINVAL`: the kernel does not know this type of id.
///
/// # References
/// `waitid(2)`: `ECHILD` if the process is not a child, an `si_pid` of 0 if the child has not exited.
pub(in crate::sys) fn child(idtype: libc::idtype_t, id: libc::id_t) -> Result<Child, Errno> {
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the struct is plain data, and all zeroes is a valid value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is valid for a siginfo_t during the call, and the kernel does not keep it.
    match Errno::result(unsafe { libc::waitid(idtype, id, &raw mut info, options) }) {
        Err(Errno::ECHILD) => return Ok(Child::No),
        result => result?,
    };
    // SAFETY: waitid(2) has filled in the fields of SIGCHLD, or left the zeroes. Both are valid.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    // On macOS the upper bits contain more than the exit code. (`waitid_nocancel` in xnu)
    Ok(match (pid, info.si_code) {
        (0, _) => Child::Running,
        (_, libc::CLD_EXITED) => Child::Exited(Exit::Code(status & 0xff)),
        _ => Child::Exited(Signal::new(status & 0x7f).map_or(Exit::Unknown, Exit::Signal)),
    })
}
