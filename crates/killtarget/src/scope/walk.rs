//! The walk from each member of a tree to its children.

use std::{collections::hash_map::Entry, sync::Arc};

use rustc_hash::FxHashMap;

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Scan, ScanResult},
};
use crate::{
    sys::IdOwner,
    types::{Pid, ProcessInfo},
};

/// One walk through the whole tree.
pub(crate) struct Walk<'a, T: ProcessTable> {
    pub(crate) scan: &'a Scan<'a, T>,
    /// The known members, by pid.
    pub(crate) known: FxHashMap<Pid, Arc<T::Process>>,
    /// The known processes that make their children members. Parents come first.
    pub(crate) parents: Vec<Arc<T::Process>>,
    /// How many of `parents` had their children read.
    expanded: usize,
    /// The processes in the root's group that are not descendants. Their children are not members.
    pub(crate) peers: FxHashMap<Pid, Arc<T::Process>>,
}

impl<'a, T: ProcessTable> Walk<'a, T> {
    pub(crate) fn new(
        scan: &'a Scan<'a, T>,
        peers: FxHashMap<Pid, Arc<T::Process>>,
        includes_caller: bool,
    ) -> Self {
        let caller = scan.caller.filter(|_| includes_caller);
        let living = scan.living.iter().map(|member| &member.target).chain(caller);
        let known: FxHashMap<_, _> =
            living.clone().chain(peers.values()).map(|target| (target.pid(), Arc::clone(target))).collect();
        let is_peer =
            |target: &Arc<T::Process>| peers.get(&target.pid()).is_some_and(|peer| Arc::ptr_eq(peer, target));
        // The children of an exited process are found as long as they name it.
        let exited = scan.exited.values().filter(|_| T::ORPHANS_KEEP_PPID);
        let parents = living.filter(|target| !is_peer(target)).chain(exited).cloned().collect();
        Self { scan, known, parents, expanded: 0, peers }
    }

    pub(crate) fn is_known(&self, pid: Pid) -> bool {
        self.known.get(&pid).is_some_and(|target| !target.is_reaped())
    }

    /// Returns whether a pid is that of a member that makes its children members. A member that was reaped since has lost its pid.
    pub(crate) fn is_parent(&self, pid: Pid) -> bool {
        self.parents.iter().any(|target| target.pid() == pid && target.is_unreaped())
    }

    /// Reads the children of each member that was added, until there are no more.
    pub(crate) fn advance(&mut self, result: &mut ScanResult<T>) {
        while let Some(parent) = self.parents.get(self.expanded).cloned() {
            if self.scan.is_past_deadline() {
                result.summary.record_gap(true);
                return;
            }
            self.expanded += 1;
            self.read_children(&parent, result);
        }
    }

    /// Adds the children of a member.
    ///
    /// 1. List the pids of its children. Any of them may exit, and be reused, from here on.
    /// 2. Open each pid before anything is read, so that all facts are of one process.
    /// 3. Read its parent through the handle. A process that reused a child's pid names another parent.
    /// 4. Verify last that the parent is unreaped. So it has kept its pid, and its children mean this parent.
    fn read_children(&mut self, parent: &T::Process, result: &mut ScanResult<T>) {
        let process_list = self.scan.process_list;
        let Some(pids) = process_list.children_of(parent) else {
            result.summary.record_gap(parent.may_be_alive());
            return;
        };
        for pid in &pids {
            self.include_if_child(*pid, parent);
        }
        let is_known = |pid: Pid, result: &mut ScanResult<T>| {
            self.is_known(pid) || result.record_known_zombie(pid, self.scan)
        };
        let unknown: Vec<_> = pids.into_iter().filter(|pid| !is_known(*pid, result)).collect();
        let mut children = Vec::with_capacity(unknown.len());
        for pid in unknown {
            let child = match T::open_candidate(pid).map(Arc::new) {
                Ok(child) if self.scan.excepted.contains(&child) => continue,
                Ok(child) => child,
                Err(error) if error.is_not_permitted() => {
                    result.add_unverified(ProcessInfo::unknown(pid));
                    continue;
                }
                Err(_) => {
                    result.summary.record_gap(true);
                    continue;
                }
            };
            match child.ppid_owner(parent) {
                Some(IdOwner::Original) => children.push(child),
                Some(IdOwner::Reused) => {}
                Some(IdOwner::Unknown) if child.may_be_alive() => result.add_unverified(child.info()),
                // It was listed a moment ago. It has exited or was reparented since, and may have left
                // children. If it and the parent are alive, its parent could not be read.
                Some(IdOwner::Unknown) | None => {
                    result.summary.record_gap(child.may_be_alive() && parent.may_be_alive());
                }
            }
        }
        if children.is_empty() {
            return;
        }
        if !parent.is_unreaped() {
            result.summary.record_gap(parent.may_be_alive());
            return;
        }
        result.families.push((parent.pid(), children.iter().map(|child| child.pid()).collect()));
        for child in children {
            self.include(child, result);
        }
    }

    /// Includes a peer that is a child of a member. It was started after its parent's children were read, and
    /// was then found in the group.
    fn include_if_child(&mut self, pid: Pid, parent: &T::Process) {
        if let Entry::Occupied(peer) = self.peers.entry(pid)
            && is_child_of::<T>(peer.get(), parent)
        {
            self.parents.push(peer.remove());
        }
    }

    /// Returns whether the process is a child of a member.
    pub(crate) fn is_child_of_member(&self, process: &T::Process) -> bool {
        let parent = process.parent();
        let mut candidates = self.parents.iter().filter(|candidate| Some(candidate.pid()) == parent);
        candidates.any(|candidate| is_child_of::<T>(process, candidate))
    }

    /// Adds a process that makes its children members too.
    pub(crate) fn include(&mut self, process: Arc<T::Process>, result: &mut ScanResult<T>) {
        if self.admit(&process, result) {
            self.parents.push(process);
        }
    }

    /// Adds a process that is in scope. Returns false if it has exited or must be left out, as its children then are.
    pub(crate) fn admit(&mut self, process: &Arc<T::Process>, result: &mut ScanResult<T>) -> bool {
        if result.leaves_out(process.pid(), self.scan) {
            return false;
        }
        let is_alive = result.admit(process, self.scan);
        if is_alive {
            self.known.insert(process.pid(), Arc::clone(process));
        }
        is_alive
    }
}

/// Returns whether the process names the parent, and the parent has kept its pid until then.
fn is_child_of<T: ProcessTable>(process: &T::Process, parent: &T::Process) -> bool {
    process.ppid_owner(parent) == Some(IdOwner::Original) && parent.is_unreaped()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scope::members::Members,
        simulation::{
            Leads, Linux, Scenario, Simulated, SimulatedProcess, Simulation, World, end, ids, on_each_system,
            reuse_pid,
        },
        types::Scope,
    };
    use std::{cell::Cell, rc::Rc};

    /// More calls than a scan of a small tree makes.
    const CALLS: std::ops::Range<usize> = 0..80;

    #[test]
    fn a_process_that_reuses_the_pid_of_a_child_during_a_scan_is_not_a_member() {
        fn check<S: Simulation>() {
            let mut reused = 0;
            for calls in CALLS {
                let scenario = Scenario::<S>::new(Leads::Nothing);
                let child = scenario.child_of(scenario.root);
                let other = Rc::new(Cell::new(None));
                let slot = Rc::clone(&other);
                scenario.after_calls(calls, move |world| slot.set(Some(reuse_pid(world, child))));
                let members = scenario.find(Scope::Tree);
                let Some(other) = other.get() else { continue };
                reused += usize::from(scenario.pid(other) == scenario.pid(child));
                assert!(!ids(&members).contains(&other), "after {calls} calls");
            }
            assert!(reused > 3, "the pid was reused in too few scans");
        }
        on_each_system!(check);
    }

    #[test]
    fn the_children_of_a_process_that_reuses_the_pid_of_a_member_are_not_members() {
        fn check<S: Simulation>() {
            for calls in CALLS {
                let scenario = Scenario::<S>::new(Leads::Nothing);
                let child = scenario.child_of(scenario.root);
                let others = Rc::new(Cell::new(None));
                let slot = Rc::clone(&others);
                scenario.after_calls(calls, move |world| {
                    let other = reuse_pid(world, child);
                    slot.set(Some([other, world.fork(other).unwrap()]));
                });
                let found = ids(&scenario.find(Scope::Tree));
                assert!(!others.get().unwrap_or_default().iter().any(|id| found.contains(id)), "{calls}");
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_child_that_is_reaped_while_its_siblings_are_listed_leaves_none_out() {
        fn check<S: Simulation>() {
            for calls in CALLS {
                let scenario = Scenario::<S>::new(Leads::Nothing);
                let [first, others @ ..] = [0; 3].map(|_| scenario.child_of(scenario.root));
                scenario.after_calls(calls, move |world| end(world, first));
                let found = ids(&scenario.scan_once(Scope::Tree));
                assert!(others.iter().all(|other| found.contains(other)), "after {calls} calls");
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn the_tree_of_an_ancestor_has_the_caller_apart_and_the_caller_s_children_as_members() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            let (shell, caller) = World::with(|world| (world.get(world.caller).parent, world.caller));
            let root = Arc::new(SimulatedProcess::<S>::open(scenario.pid(shell)));
            let members = Members::<Simulated<S>>::find_descendants(&root);
            assert_eq!(ids(&members), [shell, scenario.root, child]);
            assert_eq!(members.caller().unwrap().id(), Some(caller));
        }
        on_each_system!(check);
    }

    #[test]
    fn a_child_whose_parent_is_reaped_while_it_is_verified_is_a_gap() {
        // One call after the child was opened reads its parent, the next verifies the parent.
        for calls in 0..2 {
            let scenario = Scenario::<Linux>::new(Leads::Nothing);
            let root = scenario.root;
            let child = scenario.child_of(root);
            let mut left = calls;
            scenario.at_each_call(move |world| {
                if world.is_open(child) && world.get(root).is_alive() {
                    if left == 0 {
                        end(world, root);
                    } else {
                        left -= 1;
                    }
                }
            });
            let members = scenario.scan_once(Scope::Tree);
            assert_eq!(ids(&members), [root]);
            assert!(members.has_gaps(), "{calls} calls after the child was opened");
        }
    }
}
