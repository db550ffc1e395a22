//! One scan for the members of a scope: its input and its result.

use rustc_hash::FxHashMap;

use super::{
    excepted::{Excepted, Relation},
    member::Member,
    process_table::{Process, ProcessTable},
};
use crate::{
    sys::{IdOwner, Visibility},
    types::{Pid, ProcessInfo, ProtectedProcess},
};
use std::{cell::OnceCell, sync::Arc, time::Instant};

/// Members that have exited, and that may not be reaped yet.
pub(crate) type Exited<P> = FxHashMap<Pid, Arc<P>>;

/// The input of a scan.
pub(crate) struct Scan<'a, T: ProcessTable> {
    pub(crate) root: &'a Arc<T::Process>,
    /// The known members, without the calling process.
    pub(crate) living: &'a [Member<T>],
    /// The calling process, if it is in scope.
    pub(crate) caller: Option<&'a Arc<T::Process>>,
    /// Whether protected processes may be members.
    pub(crate) allow_protected: bool,
    /// The protected processes, read at the first use. If they may not be members, they are left out.
    pub(crate) protected: OnceCell<Vec<(Pid, ProtectedProcess)>>,
    /// The processes that are left alone.
    pub(crate) excepted: &'a Excepted<T>,
    /// The members that had exited before this scan. Any other zombie may have started a child during the
    /// scan.
    pub(crate) exited: &'a Exited<T::Process>,
    pub(crate) process_list: &'a T::List,
    /// The next scan finds what this one has not found by then.
    pub(crate) deadline: Instant,
    /// Whether orphans are searched among all processes. An orphan that took a session of its own may have left a child
    /// in the root's session, which no member and no reaper lists.
    pub(crate) searches_all: bool,
}

/// The result of a scan.
pub(crate) struct ScanResult<T: ProcessTable> {
    pub(crate) latecomers: Vec<Arc<T::Process>>,
    pub(crate) summary: ScanSummary,
    pub(crate) exited: Exited<T::Process>,
    /// The processes with children that are latecomers, and those children.
    pub(crate) families: Vec<(Pid, Vec<Pid>)>,
}

/// What a scan shows apart from members that live.
pub(crate) struct ScanSummary {
    pub(crate) visibility: Visibility,
    /// Whether the scan may have missed a process, because others started or exited during it.
    pub(crate) has_gaps: bool,
    /// Whether the children of a living member may be missing, or a read failed. The exit of the member would lose
    /// them.
    pub(crate) may_miss_children: bool,
    /// Whether a member has exited since the scan. It may have left others, which the scan has not shown.
    pub(crate) has_exited_since: bool,
    /// How many zombies are in the root's group.
    pub(crate) zombies: usize,
    /// The processes with a membership that cannot be verified.
    pub(crate) unverified: Vec<ProcessInfo>,
    /// A protected process that is in scope and was left out.
    pub(crate) protected: Option<ProtectedProcess>,
}

impl ScanSummary {
    pub(crate) fn empty(visibility: Visibility) -> Self {
        Self {
            visibility,
            has_gaps: false,
            may_miss_children: false,
            has_exited_since: false,
            zombies: 0,
            unverified: Vec::new(),
            protected: None,
        }
    }

    /// Records that a process may be missing. It may be a child of a living member, or only an orphan, which the exit
    /// of a member cannot lose.
    pub(crate) fn record_gap(&mut self, may_be_child: bool) {
        self.has_gaps = true;
        self.may_miss_children |= may_be_child;
    }
}

impl<'a, T: ProcessTable> Scan<'a, T> {
    pub(crate) fn is_past_deadline(&self) -> bool {
        T::now() > self.deadline
    }

    pub(crate) fn known(&self) -> FxHashMap<Pid, &'a Arc<T::Process>> {
        let living = self.living.iter().map(|member| &member.target);
        living.chain(self.caller).map(|target| (target.pid(), target)).collect()
    }

    /// Returns what a process is protected as.
    pub(crate) fn protected(&self, pid: Pid) -> Option<ProtectedProcess> {
        let protected = self.protected.get_or_init(|| T::protected_processes());
        protected.iter().find(|(member, _)| *member == pid).map(|(_, protected)| *protected)
    }
}

impl<T: ProcessTable> ScanResult<T> {
    pub(crate) fn empty(visibility: Visibility) -> Self {
        Self {
            latecomers: Vec::new(),
            summary: ScanSummary::empty(visibility),
            exited: FxHashMap::default(),
            families: Vec::new(),
        }
    }

    /// Records the process if it is a zombie that had exited before the scan. Returns whether it is.
    pub(crate) fn record_known_zombie(&mut self, pid: Pid, scan: &Scan<'_, T>) -> bool {
        let zombie = scan.exited.get(&pid).filter(|process| process.is_unreaped());
        if let Some(zombie) = zombie {
            self.record_zombie(zombie, scan);
        }
        zombie.is_some()
    }

    /// Adds a process that is in scope: as a latecomer, or as a zombie. Returns whether it may be alive.
    pub(crate) fn admit(&mut self, target: &Arc<T::Process>, scan: &Scan<'_, T>) -> bool {
        if target.may_be_alive() {
            self.latecomers.push(Arc::clone(target));
            return true;
        }
        self.record_zombie(target, scan);
        self.summary.has_gaps = true;
        false
    }

    /// Returns whether a process that was found by its group or session is left alone. If an excepted process may have started
    /// it, it is recorded.
    pub(crate) fn leaves_alone(
        &mut self,
        process: &T::Process,
        scan: &Scan<'_, T>,
        is_member: &dyn Fn(Pid) -> bool,
    ) -> bool {
        let relation = scan.excepted.relation(process, is_member);
        if relation == Relation::Unknown && process.may_be_alive() {
            self.add_unverified(process.info());
        }
        relation != Relation::None
    }

    /// Returns whether a process is protected, and may not be a member. That is recorded.
    pub(crate) fn leaves_out(&mut self, pid: Pid, scan: &Scan<'_, T>) -> bool {
        let protected = if scan.allow_protected { None } else { scan.protected(pid) };
        self.summary.protected = protected.or(self.summary.protected);
        protected.is_some()
    }

    /// Records a process with a membership that cannot be verified.
    pub(crate) fn add_unverified(&mut self, process: ProcessInfo) {
        let unverified = &mut self.summary.unverified;
        if !unverified.iter().any(|other| other.pid == process.pid) {
            unverified.push(process);
        }
    }

    fn record_zombie(&mut self, zombie: &Arc<T::Process>, scan: &Scan<'_, T>) {
        let pid = zombie.pid();
        self.summary.zombies += usize::from(T::group_of(pid) == Some(scan.root.pid()));
        self.exited.insert(pid, Arc::clone(zombie));
    }
}

/// Returns the owner of a group or session id. If the leader cannot prove it, an unreaped member can: a used
/// id is not reassigned.
pub(crate) fn owner_by_member<'a, P: Process>(
    owner: IdOwner,
    mut members: impl Iterator<Item = &'a Arc<P>>,
    is_in: impl Fn(Pid) -> bool,
) -> IdOwner {
    let is_proof = |member: &Arc<P>| is_in(member.pid()) && member.is_unreaped();
    match owner {
        IdOwner::Unknown if members.any(is_proof) => IdOwner::Original,
        owner => owner,
    }
}
