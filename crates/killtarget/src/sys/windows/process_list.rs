//! Who there is: everyone, by parent.

use std::{cell::OnceCell, collections::HashMap, time::Duration};

use super::{api, clock, handle::Handle, parent, snapshot};
use crate::{
    sys::types::{IdOwner, StartTime, Visibility},
    types::Pid,
};

/// The processes of this machine, at one moment: a snapshot, taken when it is first needed.
#[derive(Default)]
pub(crate) struct ProcessList {
    snapshot: OnceCell<Option<Snapshot>>,
}

struct Snapshot {
    all: Vec<Pid>,
    /// By the number of the parent, which may be over, and another's by now; with the times of their creation.
    children_by_parent: HashMap<Pid, Vec<(Pid, StartTime)>>,
}

impl ProcessList {
    /// Windows lists everyone to everyone, if it does.
    pub(crate) fn visibility(&self) -> Visibility {
        if self.snapshot().is_some() { Visibility::All } else { Visibility::None }
    }

    /// Everyone. `None`: that could not be read.
    pub(crate) fn all(&self) -> Option<&[Pid]> {
        self.snapshot().map(|snapshot| snapshot.all.as_slice())
    }

    /// There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn read_groups(&self) {}

    /// There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn group(&self, _: Pid) -> Vec<Pid> {
        Vec::new()
    }

    /// There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        false
    }

    /// There are no groups to look through.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn time_taken(&self) -> Duration {
        Duration::ZERO
    }

    /// Those that name the number as their parent's: the children of who has it, and of whoever had it before. `None`: they
    /// could not be read.
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        self.snapshot().map(|snapshot| snapshot.naming(pid).iter().map(|(child, _)| *child).collect())
    }

    /// The children of a process, and those of whom it can't be told.
    pub(crate) fn children_of(&self, parent: &Handle) -> Option<Vec<Pid>> {
        let (created, now) = (parent.created().ok()?, clock::start_time_now()?);
        let may_be_its_child = |child: StartTime| parent::ppid_owner(created, child, now) != IdOwner::Reused;
        let naming = self.snapshot()?.naming(parent.pid()).iter();
        Some(naming.filter(|(_, created)| may_be_its_child(*created)).map(|(child, _)| *child).collect())
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.get_or_init(Snapshot::take).as_ref()
    }
}

impl Snapshot {
    fn take() -> Option<Self> {
        let bytes = api::all()?;
        let mut snapshot = Self { all: Vec::new(), children_by_parent: HashMap::new() };
        for entry in snapshot::entries(&bytes) {
            let Some(pid) = entry.pid else { continue };
            snapshot.all.push(pid);
            if let Some(parent) = entry.parent {
                snapshot.children_by_parent.entry(parent).or_default().push((pid, entry.created));
            }
        }
        Some(snapshot)
    }

    fn naming(&self, parent: Pid) -> &[(Pid, StartTime)] {
        self.children_by_parent.get(&parent).map_or(&[], Vec::as_slice)
    }
}
