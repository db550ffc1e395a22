//! What the number of a process stands for, and where that stands.

use nix::{errno::Errno, unistd::getpgid};

use crate::{sys::unix::process, types::Pid};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PidKind {
    Unused,
    Process,
    Thread,
}

/// `tgkill(pid, pid, 0)`: asks whether a number is a process's or that of one of its other threads, without `/proc`.
///
/// # References
/// `tgkill(2)`: with the thread group given, a thread of another group is `ESRCH`; and a process is the thread group
/// of its first thread. (Linux 2.5.75.)
pub(super) fn pid_kind(pid: Pid) -> PidKind {
    let number = libc::c_long::from(pid.as_raw());
    // SAFETY: three integers, each passed as the `long` that syscall(2) reads; no memory of ours is touched.
    let asked = Errno::result(unsafe { libc::syscall(libc::SYS_tgkill, number, number, 0 as libc::c_long) });
    match (asked, process::kill(pid, 0)) {
        (Err(Errno::ESRCH), Err(Errno::ESRCH)) => PidKind::Unused,
        (Err(Errno::ESRCH), _) => PidKind::Thread,
        _ => PidKind::Process,
    }
}

/// Where a process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupLookup {
    In(Pid),
    /// The group is outside this namespace, or there is none: a thread of the kernel's.
    Outside,
    /// No process has the number.
    Gone,
}

/// `getpgid(pid)`, with its three answers.
pub(super) fn lookup_group(pid: Pid) -> GroupLookup {
    match getpgid(Some(nix::unistd::Pid::from_raw(pid.as_raw()))) {
        Ok(group) => Pid::new(group.as_raw()).map_or(GroupLookup::Outside, GroupLookup::In),
        Err(_) => GroupLookup::Gone,
    }
}

/// The process group of a process, be it a zombie: none if there is no such process, or if the group is outside this namespace.
pub(crate) fn group_of(pid: Pid) -> Option<Pid> {
    match lookup_group(pid) {
        GroupLookup::In(group) => Some(group),
        GroupLookup::Outside | GroupLookup::Gone => None,
    }
}

/// Whether a process leads a session, be it a zombie.
pub(crate) fn may_lead_session(pid: Pid) -> bool {
    process::session_of(pid) == Some(pid)
}
