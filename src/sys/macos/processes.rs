//! Who there is: everyone, by process group, by parent.

use std::{
    cell::{Cell, OnceCell},
    time::Duration,
};

use super::call;
use crate::{pid::Pid, sys::Sight};

/// The processes of this machine, at about one moment. The kernel lists those of a group, and the children of a process, in
/// one step each. (xnu, `proc_listpids`, under the lock of the list.)
#[derive(Default)]
pub(crate) struct Listing {
    everyone: OnceCell<Option<Vec<Pid>>>,
    /// Whether a group could not be listed.
    has_gaps: Cell<bool>,
}

impl Listing {
    /// Everyone is listed to everyone, or nobody to one in a sandbox.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn sight(&self) -> Sight {
        if call::may_list() { Sight::All } else { Sight::None }
    }

    /// Everyone. `None`: that could not be read.
    pub(crate) fn everyone(&self) -> Option<&[Pid]> {
        self.everyone.get_or_init(call::everyone).as_deref()
    }

    /// Each is listed when it is asked for.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn look_at_groups(&self) {}

    /// Those that are in the group. By now they may be anywhere.
    pub(crate) fn group(&self, group: Pid) -> Vec<Pid> {
        call::members(group).unwrap_or_else(|| {
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
    pub(crate) fn took(&self) -> Duration {
        Duration::ZERO
    }

    /// The children of a process, as they are now. `None`: they could not be read.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        call::children(pid)
    }
}
