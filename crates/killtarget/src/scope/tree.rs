//! The root and its descendants.
//!
//! A descendant is found by its parent. An orphan is found by the session or group that a member leads or
//! led. An orphan that also took a session of its own cannot be found.

use std::{mem, sync::Arc};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Scan, ScanResult},
    survivor::Proof,
    walk::Walk,
};
use crate::{
    sys::{IdOwner, Unreadable, Visibility},
    types::{Method, Pid},
};

/// So many leaders are kept that were reaped, if nothing shows whether their sessions have members.
const MAX_REAPED_LEADERS: usize = 256;

/// What is known of a tree apart from its members.
pub(crate) struct Tree<T: ProcessTable> {
    /// Whether every process in the root's group is a member, whatever its parent.
    pub(super) includes_group: bool,
    pub(super) leads: Leads,
    /// Whether the calling process is a descendant, so that its children are members.
    pub(super) includes_caller: bool,
    pub(super) may_miss_orphans: bool,
    /// The processes in the root's group that are not descendants. Their children are not members.
    pub(super) peers: FxHashMap<Pid, Arc<T::Process>>,
    /// The members that lead or led a session. Every process in such a session is a member.
    pub(super) leaders: FxHashMap<Pid, Arc<T::Process>>,
    /// The processes that may adopt an orphan: the root's ancestors, its parent first, and pid 1. `None` if
    /// any process may.
    pub(super) reapers: Option<Vec<Pid>>,
    /// The pids without a readable session in the last scan, on systems where zombies have none.
    pub(super) unknown_sessions: FxHashSet<Pid>,
}

/// What the root leads or led, as far as it is known.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(super) struct Leads {
    /// Whether the root was unreaped at some scan, so that this is certain.
    pub(super) is_known: bool,
    pub(super) group: bool,
    /// Whether the group with the root's pid may be the root's, which nothing proves any more.
    pub(super) may_be_group: bool,
    pub(super) session: bool,
}

impl<T: ProcessTable> Tree<T> {
    /// Makes the tree of a process, its descendants and its process group.
    pub(crate) fn new() -> Self {
        Self {
            includes_group: true,
            leads: Leads::default(),
            includes_caller: false,
            may_miss_orphans: false,
            peers: FxHashMap::default(),
            leaders: FxHashMap::default(),
            reapers: None,
            unknown_sessions: FxHashSet::default(),
        }
    }

    /// Makes the tree of a process and its descendants. Other members of its group are left out.
    pub(crate) fn of_descendants() -> Self {
        Self { includes_group: false, ..Self::new() }
    }

    /// Returns whether a signal to the root's group reaches only members, while that group exists.
    pub(crate) fn leads_group(&self) -> bool {
        // A process cannot join a group in another session (setpgid(2)).
        self.leads.group && (self.includes_group || self.leads.session)
    }

    /// Returns whether nothing proves any more that the group with the root's pid is the root's, and it may be.
    pub(crate) fn may_lead_group(&self) -> bool {
        self.leads.may_be_group && self.includes_group
    }

    /// Returns whether the root leads or led its session, as far as is known.
    pub(crate) fn leads_session(&self) -> bool {
        self.leads.session
    }

    /// Records that orphans may have been missed. It does not matter if the root led its session, which finds
    /// them.
    pub(crate) fn record_missed_orphans(&mut self) {
        self.may_miss_orphans = true;
    }

    /// Returns whether every process in the root's group is a member.
    pub(crate) fn includes_group_of(&self, root: &T::Process) -> bool {
        self.includes_group || T::session_of(root.pid()) == Some(root.pid())
    }

    /// Returns the proof, if all processes were visible and the scan had no gaps.
    pub(crate) fn proof(&self) -> Proof {
        match self.leads {
            Leads { session: true, .. } => Proof::Session,
            _ if self.may_miss_orphans => Proof::BestEffort,
            Leads { group: true, .. } => Proof::Group,
            Leads { .. } => Proof::Descendants,
        }
    }

    /// Finds the latecomers, parents before their children.
    pub(crate) fn scan(&mut self, scan: &Scan<'_, T>) -> ScanResult<T> {
        let mut result = ScanResult::empty(scan.process_list.visibility());
        if self.examine_root(scan.root) == Err(Unreadable) {
            result.summary.record_gap(true);
        }
        // The process had exited before it was opened, so nothing is known of its tree.
        let is_over = scan.root.method() == Method::Gone && !scan.root.has_member();
        if result.summary.visibility == Visibility::None || is_over {
            return result;
        }
        self.includes_caller |= scan.root.pid() == T::own_pid();
        let mut peers = mem::take(&mut self.peers);
        peers.retain(|_, peer| !peer.is_reaped());
        // A peer that was reparented since may be an orphan of the tree, and its parent was found too late, or never. Or
        // its parent was another peer. Only a member's children may be signalled, so it stays a peer.
        self.may_miss_orphans |= peers.values().any(|peer| self.may_be_orphan(peer, scan.root));
        let mut walk = Walk::new(scan, peers, self.includes_caller);
        // An orphan may have started a session leader, and that session may hold more orphans. Or it shows that the root
        // led its session. So this repeats until there is no new leader.
        let (mut searched, mut recorded) = (None, 0);
        loop {
            walk.advance(&mut result);
            self.record_leaders(walk.parents[recorded..].iter().chain(result.exited.values()));
            recorded = walk.parents.len();
            let sessions = Some((self.leaders.len(), self.leads.session));
            if searched == sessions {
                break;
            }
            if scan.is_past_deadline() {
                result.summary.record_gap(true);
                break;
            }
            searched = sessions;
            self.find_orphans(&mut walk, &mut result);
        }
        self.includes_caller |= walk.is_parent(T::own_pid());
        if T::ORPHANS_KEEP_PPID {
            // These are kept open, so that the pids that their children name are not reused.
            result.exited.extend(scan.exited.iter().map(|(pid, process)| (*pid, Arc::clone(process))));
        }
        self.remove_ended_sessions(scan.root);
        if !result.summary.has_gaps {
            self.remove_stale_leaders(&walk, scan.root);
        }
        self.peers = walk.peers;
        result
    }

    /// Finds out what the root leads or led.
    fn examine_root(&mut self, root: &Arc<T::Process>) -> Result<(), Unreadable> {
        let pid = root.pid();
        let (group, session) = (T::read_group(pid), T::read_session(pid));
        let may_lead_session = T::may_lead_session(pid);
        if self.reapers.is_none() {
            self.reapers = ancestors::<T>(root);
        }
        if !root.is_unreaped() {
            // What it led can no longer be read. Only the members that are left can prove it. It may have made a group
            // since the last scan.
            let owner = root.group_owner();
            self.leads.group |= owner == IdOwner::Original;
            if !self.leads.is_known {
                self.leads.may_be_group = owner == IdOwner::Unknown;
                self.leaders.insert(pid, Arc::clone(root));
            }
            return Ok(());
        }
        if may_lead_session {
            self.leaders.entry(pid).or_insert_with(|| Arc::clone(root));
        }
        self.leads.group |= group? == Some(pid);
        self.leads.session |= session? == Some(pid);
        self.leads.is_known = true;
        Ok(())
    }

    fn record_leaders<'a>(&mut self, members: impl Iterator<Item = &'a Arc<T::Process>>) {
        for member in members {
            let pid = member.pid();
            let is_recorded = || self.leaders.get(&pid).is_some_and(|leader| leader.is_unreaped());
            if T::may_lead_session(pid) && !is_recorded() && member.is_unreaped() {
                self.leaders.insert(pid, Arc::clone(member));
            }
        }
    }

    /// Removes the leaders of sessions that have certainly ended, and some if there are too many: each is held by a
    /// descriptor. While a tree keeps losing leaders, no scan is without gaps.
    fn remove_ended_sessions(&mut self, root: &T::Process) {
        let mut reaped = 0;
        self.leaders.retain(|pid, leader| {
            if *pid == root.pid() || leader.is_unreaped() {
                return true;
            }
            let may_have_members = leader.session_owner() != IdOwner::Reused;
            reaped += usize::from(may_have_members);
            self.may_miss_orphans |= reaped > MAX_REAPED_LEADERS;
            may_have_members && reaped <= MAX_REAPED_LEADERS
        });
    }

    /// Removes the leaders of sessions that have no members any more.
    fn remove_stale_leaders(&mut self, walk: &Walk<'_, T>, root: &T::Process) {
        if self.leaders.values().all(|leader| leader.is_unreaped()) {
            return;
        }
        let sessions = walk.parents.iter().map(|member| T::read_session(member.pid()));
        let Ok(sessions) = sessions.collect::<Result<FxHashSet<_>, _>>() else { return };
        self.leaders.retain(|pid, leader| {
            // The kernel may know a member that was not seen, because its parent exited before the scan.
            *pid == root.pid() || sessions.contains(&Some(*pid)) || leader.leads_others()
        });
    }
}

/// Returns the root's ancestors and pid 1, or `None` if they cannot be read.
fn ancestors<T: ProcessTable>(root: &Arc<T::Process>) -> Option<Vec<Pid>> {
    let chain = match root.parent() {
        Some(parent) => T::ancestors_from(parent, &|pid| root.parent() == Some(pid))?,
        None if root.is_unreaped() => Vec::new(),
        // The root is reaped, so its ancestors' pids may be reused. Only the caller's own pid cannot be.
        None if root.first_parent() == Some(T::own_pid()) => {
            std::iter::once(T::own_pid()).chain(T::own_ancestors()).collect()
        }
        None => return None,
    };
    let init = (!chain.contains(&Pid::INIT)).then_some(Pid::INIT);
    Some(chain.into_iter().chain(init).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scope::{bounds::Bounds, members::Members, survivor::Proof},
        simulation::{
            Leads, Linux, LinuxBefore69, Scenario, Simulated, SimulatedProcess, Simulation, Windows, World,
            end, ids, on_each_system, on_each_unix, reuse_pid,
        },
        types::{Error, ProtectedProcess, Scope},
    };

    #[test]
    fn the_proof_of_a_tree_is_what_its_root_leads() {
        fn check<S: Simulation>() {
            for (leads, proof) in [
                (Leads::Nothing, Proof::Descendants),
                (Leads::Group, Proof::Group),
                (Leads::Session, Proof::Session),
            ] {
                assert_eq!(Scenario::<S>::new(leads).find(Scope::Tree).proof(), proof);
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_proof_of_a_tree_is_its_descendants_where_no_process_leads_a_group() {
        let scenario = Scenario::<Windows>::new(Leads::Session);
        assert_eq!(scenario.find(Scope::Tree).proof(), Proof::Descendants);
    }

    #[test]
    fn orphans_that_may_be_missing_leave_a_proof_only_to_a_session() {
        for (leads, proof) in [(Leads::Group, Proof::BestEffort), (Leads::Session, Proof::Session)] {
            let mut members = Scenario::<Linux>::new(leads).find(Scope::Tree);
            members.record_missed_orphans();
            assert_eq!(members.proof(), proof);
        }
    }

    #[test]
    fn each_parent_comes_before_its_children_however_deep_they_are() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let mut line = vec![scenario.root];
            for depth in 0..10 {
                line.push(scenario.child_of(line[depth]));
            }
            assert_eq!(ids(&scenario.find(Scope::Tree)), line);
        }
        on_each_system!(check);
    }

    #[test]
    fn a_member_that_left_the_root_s_group_and_session_is_still_a_descendant() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let child = scenario.child_of(scenario.root);
            scenario.take_session(child);
            let grandchild = scenario.child_of(child);
            assert_eq!(ids(&scenario.find(Scope::Tree)), [scenario.root, child, grandchild]);
        }
        on_each_system!(check);
    }

    #[test]
    fn nothing_is_known_of_the_tree_of_a_process_that_was_reaped_before_it_was_opened() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            scenario.child_of(scenario.root);
            scenario.end(scenario.root);
            let members = scenario.find(Scope::Tree);
            assert_eq!(ids(&members), []);
            assert_eq!(members.proof(), Proof::BestEffort);
        }
        on_each_system!(check);
    }

    #[test]
    fn an_ancestor_of_the_caller_in_the_root_s_group_is_left_out_and_reported() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let wrapper = scenario.stranger();
            World::with(|world| {
                let caller = world.caller;
                world.get_mut(caller).parent = wrapper;
            });
            scenario.join_group(wrapper, scenario.root);
            let members = scenario.find(Scope::Tree);
            assert_eq!(ids(&members), [scenario.root]);
            let holds = ProtectedProcess::Ancestor(scenario.pid(wrapper));
            let pid = scenario.pid(scenario.root);
            assert_eq!(members.refusal(), Some(Error::Protected { pid, holds }));
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_descendants_of_a_process_leave_out_its_peers() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let (child, peer) = (scenario.child_of(scenario.root), scenario.sibling());
            scenario.join_group(peer, scenario.root);
            let members = Members::find_descendants(&scenario.open());
            assert_eq!(ids(&members), [scenario.root, child]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_root_that_takes_a_session_after_the_first_scan_leads_it() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let mut members = scenario.find(Scope::Tree);
            scenario.take_session(scenario.root);
            let orphan = scenario.orphan_of(scenario.root);
            assert_eq!(scenario.rescan(&mut members), [orphan]);
            assert_eq!(members.proof(), Proof::Session);
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_leader_of_a_session_without_members_is_forgotten() {
        let scenario = Scenario::<LinuxBefore69>::new(Leads::Nothing);
        let leader = scenario.child_of(scenario.root);
        scenario.take_session(leader);
        let mut members = scenario.find(Scope::Tree);
        assert_eq!(leaders(&members), [scenario.pid(leader)]);
        scenario.end(leader);
        members.refresh();
        scenario.rescan(&mut members);
        assert_eq!(leaders(&members), []);
    }

    #[test]
    fn a_tree_that_keeps_losing_leaders_keeps_few_of_them() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            // Each scan has a gap.
            let busy = scenario.child_of(scenario.root);
            World::with(|world| world.let_threads_run(busy, u32::MAX));
            let mut members = scenario.scan_once(Scope::Tree);
            for _ in 0..400 {
                let leader = scenario.child_of(scenario.root);
                scenario.take_session(leader);
                scenario.rescan(&mut members);
                scenario.end(leader);
                members.refresh();
                scenario.rescan(&mut members);
            }
            let Bounds::Tree(tree) = &members.bounds else { panic!("a tree") };
            assert!(tree.leaders.len() <= MAX_REAPED_LEADERS + 2, "{}", tree.leaders.len());
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    fn leaders(members: &Members<Simulated<LinuxBefore69>>) -> Vec<Pid> {
        let Bounds::Tree(tree) = &members.bounds else { return Vec::new() };
        tree.leaders.keys().copied().collect()
    }

    #[test]
    fn the_session_and_group_of_a_process_that_is_over_are_found_by_a_member() {
        fn check<S: Simulation>() {
            for (leads, proof) in [(Leads::Session, Proof::Session), (Leads::Group, Proof::Group)] {
                let scenario = Scenario::<S>::new(leads);
                let children = [0; 2].map(|_| scenario.child_of(scenario.root));
                let grandchild = scenario.child_of(children[0]);
                scenario.take_session(grandchild);
                let pid = scenario.pid(scenario.root);
                scenario.end(scenario.root);
                // Only a call that is given the pid now takes what has it now.
                assert!(ids(&scenario.find(Scope::Tree)).is_empty());
                let over = Arc::new(SimulatedProcess::<S>::open_or_group(pid));
                for scope in [Scope::Tree, Scope::Group] {
                    let members = scenario.find_from(&over, scope);
                    let others = if scope == Scope::Tree { vec![grandchild] } else { vec![] };
                    assert_eq!(ids(&members), [&children[..], &others].concat());
                    assert_eq!(members.proof(), if scope == Scope::Tree { proof } else { Proof::Group });
                }
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn what_has_the_pid_of_a_process_that_is_over_later_is_not_found() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let child = scenario.child_of(scenario.root);
            scenario.end(scenario.root);
            let over = Arc::new(SimulatedProcess::<S>::open_or_group(scenario.pid(scenario.root)));
            scenario.end(child);
            let stranger = World::with(|world| reuse_pid(world, scenario.root));
            scenario.take_session(stranger);
            scenario.child_of(stranger);
            World::with(|world| end(world, stranger));
            for scope in [Scope::Tree, Scope::Group] {
                assert!(ids(&scenario.find_from(&over, scope)).is_empty());
            }
        }
        on_each_unix!(check);
    }
}
