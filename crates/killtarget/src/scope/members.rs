//! The members of a scope. Each has its own handle and is signalled through it.
//! No process is signalled before its handle has shown that it is in scope.

use std::{
    cell::OnceCell,
    sync::Arc,
    time::{Duration, Instant},
};

use rustc_hash::FxHashMap;

use super::{
    assigned_pids::AssignedPids,
    bounds::Bounds,
    excepted::Excepted,
    group,
    kernel::Kernel,
    kill_phase::KillPhase,
    member::{Member, PoliteSignal},
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Exited, Scan, ScanResult, ScanSummary},
    tree::Tree,
};
use crate::{
    sys::{IdOwner, Visibility},
    types::{Containment, Error, Exit, Scope},
};

/// The limit of one scan. The next scan finds what this one did not reach.
pub(super) const SCAN_TIMEOUT: Duration = Duration::from_millis(500);

/// The members that live, and what is known of those that have exited.
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(crate) struct Members<T: ProcessTable = Kernel> {
    pub(super) root: Arc<T::Process>,
    pub(super) bounds: Bounds<T>,
    /// What contains the tree, if the root is a guard.
    pub(super) containment: Option<Containment>,
    /// Whether the keeper of that guard was alive when it was looked at.
    pub(super) has_seen_keeper: bool,
    /// When the guards were last asked to kill all. The guard of a contained tree: when it was first asked.
    pub(super) asked: Option<Instant>,
    /// The end of the grace period that guards are told of, once the members were asked to exit.
    pub(super) asked_until: Option<Instant>,
    /// Whether protected processes may be members.
    pub(super) allow_protected: bool,
    /// The processes that are left alone.
    pub(super) excepted: Excepted<T>,
    /// The root comes first, and each parent before its children.
    pub(super) living: Vec<Member<T>>,
    /// The calling process, if it is in scope. It is not in `living`, and is signalled last.
    pub(super) caller: Option<Arc<T::Process>>,
    pub(super) ended: usize,
    /// The members that had exited before the next scan began.
    pub(super) exited: Exited<T::Process>,
    /// How the root exited. It is read early, as it can be unknown later.
    pub(super) root_exit: Option<Exit>,
    /// Whether SIGKILL was sent to a living member.
    pub(super) sent_sigkill: bool,
    /// Whether the group got SIGKILL in one atomic step, which no member of that moment survives.
    pub(super) group_killed: bool,
    pub(super) kill_phase: KillPhase,
    /// When each polite signal was sent to all, for latecomers with an unknown parent.
    pub(super) polite: Vec<PoliteSignal>,
    pub(super) race_free: bool,
    pub(super) summary: ScanSummary,
    /// Whether the last scan searched all processes for orphans, and had no gaps.
    pub(super) has_searched_all: bool,
    /// Whether a signal that may end members was sent while the children of one may have been missing.
    pub(super) has_sent_with_gap: bool,
    /// The pids that the kernel had assigned before the last scan, if that scan had no gaps.
    pub(super) assigned_pids: Option<AssignedPids>,
}

impl<T: ProcessTable> Members<T> {
    /// Makes the members with the root alone, if it lives.
    pub(crate) fn new(root: &Arc<T::Process>, scope: Scope, allow_self: bool) -> Self {
        Self::with_bounds(root, scope.into(), allow_self, Excepted::none())
    }

    pub(super) fn with_bounds(
        root: &Arc<T::Process>,
        bounds: Bounds<T>,
        allow_protected: bool,
        excepted: Excepted<T>,
    ) -> Self {
        let containment = if matches!(bounds, Bounds::Tree(_)) { root.containment() } else { None };
        // A process that has joined the guard's group from outside is not contained.
        let bounds = if containment.is_some() { Bounds::Tree(Tree::of_descendants()) } else { bounds };
        let mut members = Self {
            root: Arc::clone(root),
            bounds,
            containment,
            has_seen_keeper: false,
            asked: None,
            asked_until: None,
            allow_protected,
            excepted,
            living: Vec::new(),
            caller: None,
            ended: 0,
            exited: FxHashMap::default(),
            root_exit: None,
            sent_sigkill: false,
            group_killed: false,
            kill_phase: KillPhase::NotStarted,
            polite: Vec::new(),
            race_free: true,
            summary: ScanSummary::empty(Visibility::All),
            has_searched_all: false,
            has_sent_with_gap: false,
            assigned_pids: None,
        };
        if root.may_be_alive() {
            members.admit(Arc::clone(root));
        } else {
            members.exited.insert(root.pid(), Arc::clone(root));
        }
        members.admit_keeper();
        members.find_caller();
        members
    }

    /// Finds the calling process by its group, without a scan. The group must not be signalled while it holds
    /// the caller.
    fn find_caller(&mut self) {
        let caller = T::own_pid();
        let is_in_scope = match self.bounds {
            Bounds::Process => false,
            Bounds::Group => true,
            Bounds::Tree(ref tree) => tree.includes_group_of(&self.root),
        } && T::group_of(caller) == Some(self.root.pid());
        if is_in_scope
            && self.caller.is_none()
            && !self.excepted.contains_protected(caller)
            && self.root.group_owner() != IdOwner::Reused
        {
            // The caller is alive, so its pid cannot be reused.
            self.caller = T::open_caller().map(Arc::new);
        }
    }

    /// Returns whether the scope can hold more than the root.
    pub(crate) fn can_have_others(&self) -> bool {
        !matches!(self.bounds, Bounds::Process)
    }

    pub(crate) fn root(&self) -> &Arc<T::Process> {
        &self.root
    }

    pub(crate) fn scope(&self) -> Scope {
        match self.bounds {
            Bounds::Process => Scope::Process,
            Bounds::Group => Scope::Group,
            Bounds::Tree(_) => Scope::Tree,
        }
    }

    /// Returns the processes that are left alone.
    pub(crate) fn excepted(&self) -> &Excepted<T> {
        &self.excepted
    }

    /// Returns whether protected processes may be members.
    pub(crate) fn allows_protected(&self) -> bool {
        self.allow_protected
    }

    pub(crate) fn living(&self) -> &[Member<T>] {
        &self.living
    }

    /// Returns the refusal of a call that has sent nothing yet, or `None`. The last scan found a protected
    /// process and left it out.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.summary.protected.map(|holds| Error::Protected { pid: self.root.pid(), holds })
    }

    pub(crate) fn caller(&self) -> Option<&Arc<T::Process>> {
        self.caller.as_ref()
    }

    /// Returns whether every known member got SIGKILL.
    pub(crate) fn all_sent_sigkill(&self) -> bool {
        self.kill_phase == KillPhase::Signalled
    }

    /// Returns which processes the last scan could see.
    pub(crate) fn visibility(&self) -> Visibility {
        self.summary.visibility
    }

    /// Returns whether the last scan may have missed a process.
    pub(crate) fn has_gaps(&self) -> bool {
        self.summary.has_gaps
    }

    /// Adds the latecomers at the end of `living`. Returns the index of the first.
    pub(crate) fn scan(&mut self, process_list: &T::List) -> usize {
        if let Bounds::Group = self.bounds {
            // On a busy machine this may take longer than the limit, which starts after it.
            process_list.read_groups();
        }
        self.scan_until(process_list, T::now() + SCAN_TIMEOUT)
    }

    /// [`Members::scan`] with a deadline.
    pub(crate) fn scan_until(&mut self, process_list: &T::List, deadline: Instant) -> usize {
        // If none is alive, the report may follow.
        let searches_all = !self.waits_for_members() || T::has_few_processes();
        self.scan_among(process_list, deadline, searches_all)
    }

    pub(super) fn scan_among(
        &mut self,
        process_list: &T::List,
        deadline: Instant,
        searches_all: bool,
    ) -> usize {
        let known = self.living.len();
        if self.all_sent_sigkill() {
            self.probe();
        }
        let has_searched = !searches_all || self.has_searched_all || !self.leads_session();
        if self.all_sent_sigkill() && self.is_complete() && self.summary.unverified.is_empty() && has_searched
        {
            // No process was started since the last scan, and each exited member was seen alive: there are no
            // latecomers. With unverified processes the scan is needed, as they got no signal.
            let group = self.root.pid();
            let is_zombie = |process: &&Arc<T::Process>| {
                process.is_unreaped() && T::group_of(process.pid()) == Some(group)
            };
            self.summary.has_exited_since = false;
            self.summary.zombies = self.exited.values().filter(is_zombie).count();
            return known;
        }
        self.find_caller();
        let Self { root, bounds, living, caller, exited, allow_protected, excepted, .. } = self;
        if let Bounds::Group | Bounds::Tree(_) = bounds {
            excepted.find_descendants(process_list);
        }
        let scan = Scan {
            root,
            living,
            caller: caller.as_ref(),
            allow_protected: *allow_protected,
            protected: OnceCell::new(),
            excepted,
            exited,
            process_list,
            deadline,
            searches_all,
        };
        let (assigned_pids, result) = match bounds {
            Bounds::Process => return known,
            Bounds::Group => (None, group::scan(&scan)),
            Bounds::Tree(tree) => (AssignedPids::read::<T>(), tree.scan(&scan)),
        };
        let ScanResult { latecomers, summary, exited, families } = result;
        self.assigned_pids = assigned_pids.filter(|_| !summary.has_gaps);
        self.has_searched_all = searches_all && !summary.has_gaps;
        (self.summary, self.exited) = (summary, exited);
        for target in latecomers {
            self.admit(target);
        }
        self.find_guards(&families);
        self.look_for_keeper();
        known
    }

    /// Closes every process but the root, once nothing is done with the members any more.
    pub(crate) fn close(&mut self) {
        self.continue_stopped();
        self.living.clear();
        self.exited.clear();
        self.caller = None;
        (self.bounds, self.excepted) = (Bounds::Process, Excepted::none());
    }

    pub(super) fn admit(&mut self, target: Arc<T::Process>) {
        if target.pid() == T::own_pid() {
            self.caller.get_or_insert(target);
            return;
        }
        self.race_free &= target.race_free();
        if self.all_sent_sigkill() {
            self.kill_phase = KillPhase::NotStarted;
        }
        let role = self.own_guard_role(&target);
        self.living.push(Member::new(target, role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{
        Leads, Linux, MacOs, Scenario, Simulated, Simulation, World, ids, on_each_system, on_each_unix,
    };

    #[test]
    fn a_scan_finds_children_and_grandchildren_parents_first() {
        fn check<S: Simulation>() {
            for leads in [Leads::Nothing, Leads::Group, Leads::Session] {
                let scenario = Scenario::<S>::new(leads);
                let children = [0; 2].map(|_| scenario.child_of(scenario.root));
                let grandchildren = children.map(|child| scenario.child_of(child));
                let members = scenario.scan_once(Scope::Tree);
                assert_eq!(ids(&members), [&[scenario.root], &children[..], &grandchildren].concat());
                assert!(!members.has_gaps());
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_scan_of_a_process_adds_nothing() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            scenario.child_of(scenario.root);
            let mut members = scenario.scan_once(Scope::Process);
            assert!(!members.can_have_others());
            assert_eq!(scenario.rescan(&mut members), []);
            assert_eq!(ids(&members), [scenario.root]);
        }
        on_each_system!(check);
    }

    #[test]
    fn a_rescan_adds_latecomers_after_the_known_members() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            let latecomers = [scenario.child_of(scenario.root), scenario.child_of(child)];
            assert_eq!(scenario.rescan(&mut members), latecomers);
            assert_eq!(ids(&members), [&[scenario.root, child], &latecomers[..]].concat());
        }
        on_each_system!(check);
    }

    #[test]
    fn members_are_complete_until_any_process_forks() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        scenario.child_of(scenario.root);
        let members = scenario.find(Scope::Tree);
        assert!(members.is_complete());
        scenario.stranger();
        assert!(!members.is_complete());
    }

    #[test]
    fn members_are_never_complete_without_a_last_pid() {
        let scenario = Scenario::<MacOs>::new(Leads::Nothing);
        assert!(!scenario.find(Scope::Tree).is_complete());
    }

    #[test]
    fn members_are_not_complete_after_a_scan_with_gaps() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        let mut members = scenario.find(Scope::Tree);
        members.scan_until(&Simulated::<Linux>::list(), Simulated::<Linux>::now());
        assert!(!members.is_complete());
    }

    #[test]
    fn a_scan_past_its_deadline_has_a_gap() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                scenario.child_of(scenario.root);
                let mut members = Members::<Simulated<S>>::new(&scenario.open(), scope, false);
                members.scan_until(&Simulated::<S>::list(), Simulated::<S>::now());
                assert_eq!(ids(&members), [scenario.root]);
                assert!(members.has_gaps());
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_process_that_forks_during_a_scan_is_found_by_the_next() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Nothing);
                let (root, child) = (scenario.root, scenario.child_of(scenario.root));
                scenario.after_calls(calls, move |world| {
                    let grandchild = world.fork(child).unwrap();
                    world.fork(grandchild).unwrap();
                    world.fork(root).unwrap();
                });
                let mut members = scenario.find(Scope::Tree);
                scenario.calm();
                scenario.rescan(&mut members);
                let forked = World::with(|world| world.ids().filter(|id| *id >= root).collect::<Vec<_>>());
                let mut found = ids(&members);
                found.sort_unstable();
                assert_eq!(found, forked, "after {calls} calls");
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn the_caller_is_kept_apart_from_the_members_of_its_group() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let caller = World::with(|world| world.caller);
            scenario.join_group(caller, scenario.root);
            for scope in [Scope::Group, Scope::Tree] {
                let members = scenario.find(scope);
                assert_eq!(ids(&members), [scenario.root]);
                assert_eq!(members.caller().unwrap().id(), Some(caller));
                assert!(!members.has_group(), "a signal to the group would reach the caller");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_latecomer_after_sigkill_has_not_been_sent_it() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.make_uninterruptible(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            let latecomer = scenario.child_of(scenario.root);
            members.kill();
            assert!(members.all_sent_sigkill());
            assert_eq!(scenario.rescan(&mut members), [latecomer]);
            assert!(!members.all_sent_sigkill());
        }
        on_each_system!(check);
    }
}
