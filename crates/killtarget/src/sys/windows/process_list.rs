//! The processes of this machine, by parent.

use std::{cell::OnceCell, time::Duration};

use rustc_hash::FxHashMap;

use super::{api, clock, handle::Handle, parent, snapshot};
use crate::{
    sys::types::{IdOwner, StartTime, Visibility},
    types::Pid,
};

/// A snapshot of all processes, taken when it is first needed.
#[derive(Default)]
pub(crate) struct ProcessList {
    snapshot: OnceCell<Option<Snapshot>>,
}

struct Snapshot {
    all: Vec<Pid>,
    /// By ppid, with the creation time of each child. The pid may have been reused since.
    children_by_ppid: FxHashMap<Pid, Vec<(Pid, StartTime)>>,
}

impl ProcessList {
    /// Returns `All`, or `None` if the snapshot failed. Windows hides no process from another user.
    pub(crate) fn visibility(&self) -> Visibility {
        if self.snapshot().is_some() { Visibility::All } else { Visibility::None }
    }

    /// Lists all processes. Returns `None` if the snapshot failed.
    pub(crate) fn all(&self) -> Option<&[Pid]> {
        self.snapshot().map(|snapshot| snapshot.all.as_slice())
    }

    /// Does nothing: Windows has no process groups.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn read_groups(&self) {}

    /// Returns an empty list: Windows has no process groups.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn group(&self, _: Pid) -> Vec<Pid> {
        Vec::new()
    }

    /// Returns false: Windows has no process groups.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        false
    }

    /// Returns zero: there are no groups to scan.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn time_taken(&self) -> Duration {
        Duration::ZERO
    }

    /// Lists the processes with this ppid: children of the process that has the pid, and of earlier processes with it.
    /// Returns `None` if the snapshot failed.
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        self.snapshot().map(|snapshot| snapshot.with_ppid(pid).iter().map(|(child, _)| *child).collect())
    }

    /// Lists the children of a process, and the processes that are unverified children. Returns `None` if the snapshot or
    /// a clock failed.
    pub(crate) fn children_of(&self, parent: &Handle) -> Option<Vec<Pid>> {
        let (parent_created, now) = (parent.creation_time().ok()?, clock::start_time_now()?);
        let may_be_child =
            |created: StartTime| parent::ppid_owner(parent_created, created, now) != IdOwner::Reused;
        // A guard starts nothing but the command. A second child is the host of its console, which the system has started.
        let command = parent.noted_command();
        let candidates = self.snapshot()?.with_ppid(parent.pid()).iter();
        let candidates = candidates.filter(|(child, _)| command.is_none_or(|command| *child == command));
        Some(candidates.filter(|(_, created)| may_be_child(*created)).map(|(child, _)| *child).collect())
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.get_or_init(Snapshot::take).as_ref()
    }
}

impl Snapshot {
    fn take() -> Option<Self> {
        let bytes = api::process_snapshot()?;
        let mut snapshot = Self { all: Vec::new(), children_by_ppid: FxHashMap::default() };
        for entry in snapshot::entries(&bytes) {
            let Some(pid) = entry.pid else { continue };
            snapshot.all.push(pid);
            if let Some(ppid) = entry.ppid {
                snapshot.children_by_ppid.entry(ppid).or_default().push((pid, entry.created));
            }
        }
        Some(snapshot)
    }

    fn with_ppid(&self, ppid: Pid) -> &[(Pid, StartTime)] {
        self.children_by_ppid.get(&ppid).map_or(&[], Vec::as_slice)
    }
}
