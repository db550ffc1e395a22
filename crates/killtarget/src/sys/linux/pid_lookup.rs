//! What kind of task has a pid, and in which process group it is.

use nix::{errno::Errno, unistd::getpgid};

use super::{procfs, stat::Stat};
use crate::{
    sys::{types::Unreadable, unix::process},
    types::Pid,
};

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
    Unreadable,
}

/// `getpgid(pid)`
///
/// Returns the group of the process, which may be a zombie. Where an LSM refuses the call, `/proc` may tell.
///
/// # References
/// `getpgid(2)`
pub(super) fn lookup_group(pid: Pid) -> GroupLookup {
    let found = |group: i32| Pid::new(group).map_or(GroupLookup::Outside, GroupLookup::In);
    match getpgid(Some(nix::unistd::Pid::from_raw(pid.as_raw()))) {
        Ok(group) => found(group.as_raw()),
        Err(Errno::ESRCH) => GroupLookup::Gone,
        Err(_) => match stat_of(pid) {
            Ok(stat) => stat.map_or(GroupLookup::Gone, |stat| found(stat.pgrp)),
            Err(_) => GroupLookup::Unreadable,
        },
    }
}

/// Returns the process group of a process, which may be a zombie. Returns `None` if no process has the pid, or if the
/// group is outside this PID namespace.
///
/// # Errors
/// The group cannot be read.
pub(crate) fn read_group(pid: Pid) -> Result<Option<Pid>, Unreadable> {
    match lookup_group(pid) {
        GroupLookup::In(group) => Ok(Some(group)),
        GroupLookup::Outside | GroupLookup::Gone => Ok(None),
        GroupLookup::Unreadable => Err(Unreadable),
    }
}

/// Returns the session of a process, which may be a zombie. Returns `None` if no process has the pid, or if the session is
/// outside this PID namespace. Where an LSM refuses the call, `/proc` may tell.
///
/// # Errors
/// The session cannot be read.
pub(crate) fn read_session(pid: Pid) -> Result<Option<Pid>, Unreadable> {
    process::read_session(pid).or_else(|refused| {
        let stat = stat_of(pid).map_err(|_| refused)?;
        Ok(stat.and_then(|stat| Pid::from_raw(stat.session)))
    })
}

fn stat_of(pid: Pid) -> Result<Option<Stat>, Errno> {
    procfs::by_pid(pid)?.stat()
}

/// Returns whether a process has the pid, which may be a zombie.
pub(crate) fn has_process(pid: Pid) -> bool {
    lookup_group(pid) != GroupLookup::Gone
}

/// Returns whether a process, which may be a zombie, leads a session, or may lead one as that cannot be read.
pub(crate) fn may_lead_session(pid: Pid) -> bool {
    read_session(pid).map_or(true, |session| session == Some(pid))
}
