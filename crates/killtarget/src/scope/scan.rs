//! One look at who is in scope: what it may begin with, and what it has shown.

use super::{
    member::Member,
    process_table::{Process, ProcessTable},
};
use crate::{
    sys::{IdOwner, Visibility},
    types::{Pid, ProcessInfo, ProtectedProcess},
};
use std::{collections::HashMap, sync::Arc, time::Instant};

/// Those in scope that are over and may not have been reaped yet.
pub(crate) type Exited<P> = HashMap<Pid, Arc<P>>;

/// What is known before.
pub(crate) struct Scan<'a, T: ProcessTable> {
    pub(crate) root: &'a Arc<T::Process>,
    /// Those in scope, but for the calling process.
    pub(crate) living: &'a [Member<T>],
    /// The calling process, where it is in scope.
    pub(crate) caller: Option<&'a Arc<T::Process>>,
    /// Whether the calling process, its ancestors and pid 1 may be in scope.
    pub(crate) allow_protected: bool,
    /// Who was over already when it begins. Whoever is found to be over and is not among them may have left somebody behind
    /// while it was looked.
    pub(crate) exited: &'a Exited<T::Process>,
    pub(crate) process_list: &'a T::List,
    /// Who was not seen by then is seen by the next.
    pub(crate) deadline: Instant,
}

/// What it has shown.
pub(crate) struct ScanResult<T: ProcessTable> {
    pub(crate) latecomers: Vec<Arc<T::Process>>,
    pub(crate) summary: ScanSummary,
    pub(crate) exited: Exited<T::Process>,
}

/// What it has shown beside those who live.
pub(crate) struct ScanSummary {
    pub(crate) visibility: Visibility,
    /// Whether somebody may have been overlooked who came while others went.
    pub(crate) has_gaps: bool,
    /// How many of the group are over and were not reaped yet.
    pub(crate) zombies: usize,
    /// Those of whom it can't be told whether they are in scope.
    pub(crate) unverified: Vec<ProcessInfo>,
    /// Who was there of the calling process, its ancestors and pid 1, and was left alone.
    pub(crate) protected: Option<ProtectedProcess>,
}

impl ScanSummary {
    pub(crate) fn empty(visibility: Visibility) -> Self {
        Self { visibility, has_gaps: false, zombies: 0, unverified: Vec::new(), protected: None }
    }
}

impl<'a, T: ProcessTable> Scan<'a, T> {
    pub(crate) fn is_past_deadline(&self) -> bool {
        T::now() > self.deadline
    }

    pub(crate) fn known(&self) -> HashMap<Pid, &'a Arc<T::Process>> {
        let living = self.living.iter().map(|member| &member.target);
        living.chain(self.caller).map(|target| (target.pid(), target)).collect()
    }
}

impl<T: ProcessTable> ScanResult<T> {
    pub(crate) fn empty(visibility: Visibility) -> Self {
        Self { latecomers: Vec::new(), summary: ScanSummary::empty(visibility), exited: HashMap::new() }
    }

    /// Whether that is the number of one who was over already, and is a zombie.
    pub(crate) fn record_known_zombie(&mut self, pid: Pid, scan: &Scan<'_, T>) -> bool {
        let zombie = scan.exited.get(&pid).filter(|process| process.is_unreaped());
        if let Some(zombie) = zombie {
            self.record_zombie(zombie, scan);
        }
        zombie.is_some()
    }

    /// Takes in who was found to be in scope: one of those who live, or one of the group's zombies.
    pub(crate) fn admit(&mut self, target: &Arc<T::Process>, scan: &Scan<'_, T>) -> bool {
        if target.may_be_alive() {
            self.latecomers.push(Arc::clone(target));
            return true;
        }
        self.record_zombie(target, scan);
        self.summary.has_gaps = true;
        false
    }

    /// Takes note of one of whom it can't be told whether he is in scope.
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

/// Whose a group or session is, by what one can prove who is in it, where its leader can't any more.
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
