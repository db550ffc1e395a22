//! What kind of task has a pid, and in which process group it is.

use nix::{errno::Errno, unistd::getpgid};

use crate::{sys::unix::process, types::Pid};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PidKind {
    Unused,
    Process,
    Thread,
}

/// `tgkill(pid, pid, 0)`
///
/// Returns whether an id is that of a process or of another thread. Needs no `/proc`.
///
/// # References
/// `tgkill(2)`, Linux 2.5.75: a thread of another thread group gives `ESRCH`. The id of a thread group is the id of its
/// first thread.
pub(super) fn pid_kind(pid: Pid) -> PidKind {
    let id = libc::c_long::from(pid.as_raw());
    // SAFETY: the call takes three integers, each passed as the `long` that syscall(2) reads. It accesses no memory.
    let probed = Errno::result(unsafe { libc::syscall(libc::SYS_tgkill, id, id, 0 as libc::c_long) });
    match (probed, process::kill(pid, 0)) {
        (Err(Errno::ESRCH), Err(Errno::ESRCH)) => PidKind::Unused,
        (Err(Errno::ESRCH), _) => PidKind::Thread,
        _ => PidKind::Process,
    }
}

/// The process group of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupLookup {
    In(Pid),
    /// The group is outside this PID namespace, or the process is a kernel thread without a group.
    Outside,
    /// No process has the pid.
    Gone,
}

/// `getpgid(pid)`
///
/// Returns the group of the process, which may be a zombie.
///
/// # References
/// `getpgid(2)`
pub(super) fn lookup_group(pid: Pid) -> GroupLookup {
    match getpgid(Some(nix::unistd::Pid::from_raw(pid.as_raw()))) {
        Ok(group) => Pid::new(group.as_raw()).map_or(GroupLookup::Outside, GroupLookup::In),
        Err(_) => GroupLookup::Gone,
    }
}

/// Returns the process group of a process, which may be a zombie. Returns `None` if no process has the pid, or if the
/// group is outside this PID namespace.
pub(crate) fn group_of(pid: Pid) -> Option<Pid> {
    match lookup_group(pid) {
        GroupLookup::In(group) => Some(group),
        GroupLookup::Outside | GroupLookup::Gone => None,
    }
}

/// Returns whether a process has the pid, which may be a zombie.
pub(crate) fn has_process(pid: Pid) -> bool {
    lookup_group(pid) != GroupLookup::Gone
}

/// Returns whether a process, which may be a zombie, leads a session.
pub(crate) fn may_lead_session(pid: Pid) -> bool {
    process::session_of(pid) == Some(pid)
}
