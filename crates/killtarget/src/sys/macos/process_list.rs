//! Who there is: everyone, by process group, by parent.

use std::{
    cell::{Cell, OnceCell},
    time::Duration,
};

use super::{handle::Handle, libproc};
use crate::{
    sys::{types::Visibility, unix::process},
    types::Pid,
};

/// The processes of this machine, at about one moment. The kernel lists those of a group, and the children of a process, in
/// one step each. (xnu, `proc_listpids`, under the lock of the list.)
#[derive(Default)]
pub(crate) struct ProcessList {
    all: OnceCell<Option<Vec<Pid>>>,
    /// Whether a group could not be listed.
    has_gaps: Cell<bool>,
}

impl ProcessList {
    /// Everyone is listed to everyone, or nobody to one in a sandbox.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn visibility(&self) -> Visibility {
        if libproc::may_list() { Visibility::All } else { Visibility::None }
    }

    /// Everyone. `None`: that could not be read.
    pub(crate) fn all(&self) -> Option<&[Pid]> {
        self.all.get_or_init(libproc::all).as_deref()
    }

    /// Each is listed when it is asked for.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn read_groups(&self) {}

    /// Those that are in the group. By now they may be anywhere.
    pub(crate) fn group(&self, group: Pid) -> Vec<Pid> {
        libproc::members(group).unwrap_or_else(|| {
            self.has_gaps.set(true);
            Vec::new()
        })
    }

    /// Whether somebody may have been overlooked.
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        self.has_gaps.get()
    }

    /// Nothing takes long.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn time_taken(&self) -> Duration {
        Duration::ZERO
    }

    /// As [`ProcessList::children`], of one that has its number still.
    pub(crate) fn children_of(&self, parent: &Handle) -> Option<Vec<Pid>> {
        self.children(parent.pid())
    }

    /// The children of a process, as they are now, and whom it debugs. `None`: they could not be read.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        libproc::children(pid)
    }
}

/// The process group of whoever has the number, be that a zombie, of which `getpgid(2)` knows nothing here. (xnu: `proc_find`)
pub(crate) fn group_of(pid: Pid) -> Option<Pid> {
    Pid::from_raw(libproc::short(pid).ok()??.pbsi_pgid)
}

/// Whether a process leads a session, or can't be told not to: the session of a zombie is not told. Who leads one leads a group.
pub(crate) fn may_lead_session(pid: Pid) -> bool {
    process::session_of(pid).map_or_else(|| group_of(pid) == Some(pid), |session| session == pid)
}
