//! The processes of this machine, by process group and by parent.

use std::{
    cell::{Cell, OnceCell},
    time::Duration,
};

use super::{handle::Handle, libproc};
use crate::{
    sys::{
        types::{Unreadable, Visibility},
        unix::process,
    },
    types::Pid,
};

/// A scan of the processes.
///
/// The kernel lists a group's members, or a process's children, in one step under a lock. (xnu, `proc_listpids`)
#[derive(Default)]
pub(crate) struct ProcessList {
    all: OnceCell<Option<Vec<Pid>>>,
    /// Whether the kernel refused to list a group.
    has_gaps: Cell<bool>,
}

impl ProcessList {
    /// Returns `All`, or `None` in a sandbox that forbids the list.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn visibility(&self) -> Visibility {
        if libproc::can_list() { Visibility::All } else { Visibility::None }
    }

    /// Lists all processes. Returns `None` if the call fails.
    pub(crate) fn all(&self) -> Option<&[Pid]> {
        self.all.get_or_init(libproc::all).as_deref()
    }

    /// Does nothing: [`ProcessList::group`] reads each group when it is needed.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn read_groups(&self) {}

    /// Lists the members of a group. They may have left it by now.
    pub(crate) fn group(&self, pgid: Pid) -> Vec<Pid> {
        libproc::group_members(pgid).unwrap_or_else(|| {
            self.has_gaps.set(true);
            Vec::new()
        })
    }

    /// Returns whether the groups may have members that were not listed.
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        self.has_gaps.get()
    }

    /// Returns zero: no call takes long.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn time_taken(&self) -> Duration {
        Duration::ZERO
    }

    /// Lists the children of a process that still has its pid. Returns `None` if the call fails.
    pub(crate) fn children_of(&self, parent: &Handle) -> Option<Vec<Pid>> {
        self.children(parent.pid())
    }

    /// Lists the current children of a process, and the processes that it debugs. Returns `None` if the call fails.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        libproc::children(pid)
    }
}

/// Returns whether a process has the pid, which may be a zombie.
pub(crate) fn has_process(pid: Pid) -> bool {
    read_group(pid).is_ok_and(|group| group.is_some())
}

/// Returns the pgid of a process or a zombie, or `None` if no process has the pid. `getpgid(2)` does not find a zombie here.
/// (xnu, `proc_find`)
///
/// # Errors
/// The system refuses to tell.
pub(crate) fn read_group(pid: Pid) -> Result<Option<Pid>, Unreadable> {
    let info = libproc::short_info(pid).map_err(|_| Unreadable)?;
    Ok(info.and_then(|info| Pid::from_raw(info.pbsi_pgid)))
}

/// Returns whether a process leads a session, or may lead one.
///
/// `getsid(2)` does not find a zombie. A session leader also leads a group, so a zombie that leads a group may lead
/// a session.
pub(crate) fn may_lead_session(pid: Pid) -> bool {
    match process::read_session(pid) {
        Ok(Some(session)) => session == pid,
        _ => read_group(pid) == Ok(Some(pid)),
    }
}
