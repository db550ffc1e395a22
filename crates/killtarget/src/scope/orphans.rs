//! The orphans of a tree, found by the session or group that a member leads or led.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Scan, ScanResult, owner_by_member},
    tree::Tree,
    walk::Walk,
};
use crate::{
    sys::{IdOwner, Unreadable},
    types::Pid,
};

/// Why a process is in the tree, though its parent is no member.
enum Membership<T: ProcessTable> {
    Session(Arc<T::Process>),
    Group,
}

/// A process that was not found through its parent.
enum Classified<T: ProcessTable> {
    /// A descendant.
    Orphan(Arc<T::Process>),
    Peer(Arc<T::Process>),
}

/// How often the candidates are listed in one scan if one of them is reaped meanwhile.
const MAX_LISTINGS: usize = 4;

impl<T: ProcessTable> Tree<T> {
    /// Adds the processes that are in the tree though their parent is no member.
    pub(super) fn find_orphans(&mut self, walk: &mut Walk<'_, T>, result: &mut ScanResult<T>) {
        let (mut unknown_sessions, mut examined) = (FxHashSet::default(), FxHashSet::default());
        let mut has_missed = true;
        for listing in 0..MAX_LISTINGS {
            // A candidate that is reaped before it is examined may have been a member with children. They were
            // reparented after the listing, so only another one shows them. A list keeps what it has read.
            let again = (listing > 0).then(T::List::anew);
            let process_list = again.as_ref().unwrap_or(walk.scan.process_list);
            let Some(pids) = self.orphan_candidates(walk.scan, process_list) else {
                result.summary.record_gap(true);
                return;
            };
            has_missed = false;
            for pid in pids {
                if walk.scan.is_past_deadline() {
                    result.summary.record_gap(true);
                    return;
                }
                if examined.contains(&pid) {
                    continue;
                }
                has_missed |= !self.examine(pid, walk, result, &mut unknown_sessions);
                examined.insert(pid);
            }
            if !has_missed {
                break;
            }
        }
        result.summary.has_gaps |= has_missed;
        // A pid that lost its session since the last scan may be a member that exited and left children. A
        // zombie that was one then has not.
        result.summary.has_gaps |= !unknown_sessions.is_subset(&self.unknown_sessions);
        self.unknown_sessions = unknown_sessions;
    }

    /// Adds a candidate to the scan if it is a member. Returns false if it is gone, so that nothing is known of it.
    fn examine(
        &mut self,
        pid: Pid,
        walk: &mut Walk<'_, T>,
        result: &mut ScanResult<T>,
        unknown_sessions: &mut FxHashSet<Pid>,
    ) -> bool {
        if walk.is_known(pid) || result.record_known_zombie(pid, walk.scan) {
            return true;
        }
        let session = T::read_session(pid);
        if !T::GETSID_SEES_ZOMBIES && session == Ok(None) {
            unknown_sessions.insert(pid);
        }
        match self.classify(pid, session, walk, result) {
            Some(Classified::Orphan(orphan)) => walk.include(orphan, result),
            Some(Classified::Peer(peer)) if walk.admit(&peer, result) => {
                walk.peers.insert(pid, peer);
            }
            Some(Classified::Peer(_)) => {}
            // With another session it was no member.
            None => return session != Ok(None) || T::has_process(pid),
        }
        true
    }

    /// Returns the processes that may be orphans, or `None` if they cannot be listed.
    ///
    /// The kernel gives an orphan to a subreaper among its ancestors, or to pid 1 (`PR_SET_CHILD_SUBREAPER`
    /// in prctl(2)). The ancestors read first are enough: reparenting adds no others.
    fn orphan_candidates(&self, scan: &Scan<'_, T>, process_list: &T::List) -> Option<Vec<Pid>> {
        if self.leaders.is_empty() && !self.leads.group && !self.leads.may_be_group {
            return Some(Vec::new());
        }
        // If the owner of the group is unknown, every process is a candidate: all members of the group are
        // reported.
        let searches_all = self.leads.may_be_group || self.leads.session && scan.searches_all;
        let reapers = self.reapers.as_ref().filter(|_| !searches_all);
        let Some(reapers) = reapers else { return process_list.all().map(<[Pid]>::to_vec) };
        let mut candidates = Vec::new();
        for reaper in reapers {
            // The kernel lists the latest orphan last. It is examined first, before it exits.
            candidates.extend(process_list.children(*reaper)?.into_iter().rev());
        }
        // The root leads no session, so any process in the session may have put its children into the root's
        // group.
        if self.includes_group && self.leads.group && !self.leads.session {
            candidates.extend(process_list.group(scan.root.pid()));
        }
        Some(candidates)
    }

    /// Opens and classifies a process. Returns `None` if it is not in the tree.
    ///
    /// 1. Read its session and group by pid. Most processes are unrelated and need no handle.
    /// 2. Open it, and read both again.
    /// 3. Verify that it is unreaped. So it has kept its pid, and both are its own.
    /// 4. Verify the owner of the session or group last. The id may have been freed while it was read.
    fn classify(
        &mut self,
        pid: Pid,
        session: Result<Option<Pid>, Unreadable>,
        walk: &Walk<'_, T>,
        result: &mut ScanResult<T>,
    ) -> Option<Classified<T>> {
        let opened = match self.membership(pid, session, walk.scan.root) {
            Ok(None) => return None,
            Ok(Some(_)) => T::open_candidate(pid).ok(),
            Err(Unreadable) => None,
        };
        let Some(orphan) = opened.map(Arc::new) else {
            result.summary.record_gap(true);
            return None;
        };
        let membership = self.membership(pid, T::read_session(pid), walk.scan.root);
        if !orphan.is_unreaped() {
            result.summary.has_gaps = true;
            return None;
        }
        if walk.scan.excepted.contains(&orphan) {
            return None;
        }
        let Ok(membership) = membership else {
            result.summary.record_gap(true);
            return None;
        };
        let (owner, leader) = match membership? {
            Membership::Session(leader) => {
                let is_in_session = |pid| T::session_of(pid) == Some(leader.pid());
                (owner_by_member(leader.session_owner(), walk.known.values(), is_in_session), Some(leader))
            }
            Membership::Group => {
                let is_in_group = |pid| T::group_of(pid) == Some(walk.scan.root.pid());
                (owner_by_member(walk.scan.root.group_owner(), walk.known.values(), is_in_group), None)
            }
        };
        match (owner, leader) {
            (IdOwner::Original, _) if result.leaves_alone(&orphan, walk.scan, &|pid| walk.is_parent(pid)) => {
                None
            }
            (IdOwner::Original, Some(leader)) => {
                // So the root led this session, even if it has exited since.
                self.leads.session |= leader.pid() == walk.scan.root.pid();
                Some(Classified::Orphan(orphan))
            }
            // A process outside the tree may have put the protected process into the group, and exited.
            (IdOwner::Original, None) if !self.includes_group && walk.scan.protected(pid).is_some() => None,
            (IdOwner::Original, None)
                if walk.is_child_of_member(&orphan) || self.may_be_orphan(&orphan, walk.scan.root) =>
            {
                Some(Classified::Orphan(orphan))
            }
            (IdOwner::Original, None) => {
                // A child of pid 1 may be an orphan or pid 1's own child. They cannot be distinguished.
                self.may_miss_orphans |= orphan.parent() == Some(Pid::INIT);
                self.includes_group.then_some(Classified::Peer(orphan))
            }
            (IdOwner::Reused, _) => None,
            // An exited process is no survivor, whether it was a member or not.
            (IdOwner::Unknown, _) if !orphan.may_be_alive() => {
                result.admit(&orphan, walk.scan);
                None
            }
            (IdOwner::Unknown, _) => {
                result.add_unverified(orphan.info());
                None
            }
        }
    }

    /// Returns whether a process in the root's group can be a reparented descendant. The other members are
    /// what a shell with job control has put into the group, and their children.
    pub(super) fn may_be_orphan(&self, process: &T::Process, root: &T::Process) -> bool {
        let Some(parent) = process.parent() else { return false };
        // The sessions are read first. If the process is in the group after that, it has not taken a session since
        // it was found in the group: no process can join a group of another session.
        let sessions =
            T::read_session(parent).and_then(|of_parent| Ok((of_parent, T::read_session(process.pid())?)));
        let has_other_session = sessions.is_ok_and(|(of_parent, own)| of_parent != own);
        let is_in_other_session = has_other_session && T::group_of(process.pid()) == Some(root.pid());
        let Some(reapers) = &self.reapers else {
            let was_reparented =
                parent == Pid::INIT && root.first_parent().is_some_and(|first| first != parent);
            return is_in_other_session || was_reparented;
        };
        reapers.contains(&parent) && (is_in_other_session || reapers.first() != Some(&parent))
    }

    fn membership(
        &self,
        pid: Pid,
        session: Result<Option<Pid>, Unreadable>,
        root: &Arc<T::Process>,
    ) -> Result<Option<Membership<T>>, Unreadable> {
        if !self.leaders.is_empty()
            && let Some(leader) = session?.and_then(|session| self.leaders.get(&session))
        {
            return Ok(Some(Membership::Session(Arc::clone(leader))));
        }
        // The group of a session leader is in its session.
        let needs_group = (self.leads.group || self.leads.may_be_group) && !self.leads.session;
        let is_in_group = needs_group && T::read_group(pid)? == Some(root.pid());
        Ok(is_in_group.then_some(Membership::Group))
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        scope::{process_table::Process, survivor::Proof},
        simulation::{
            Id, Leads, Linux, Scenario, Simulation, Windows, World, ids, on_each_system, on_each_unix,
            reuse_pid,
        },
        types::Scope,
    };

    fn sorted(mut ids: Vec<Id>) -> Vec<Id> {
        ids.sort_unstable();
        ids
    }

    #[test]
    fn an_orphan_in_the_root_s_session_is_found() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let orphan = scenario.orphan_of(scenario.root);
            // It may take a group of its own.
            scenario.join_group(orphan, orphan);
            let members = scenario.find(Scope::Tree);
            assert_eq!(ids(&members), [scenario.root, orphan]);
            assert_eq!(members.proof(), Proof::Session);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_read_that_fails_once_hides_no_orphan() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Session);
                let orphan = scenario.orphan_of(scenario.root);
                scenario.join_group(orphan, orphan);
                scenario.fail_read_after(calls);
                let members = scenario.find(Scope::Tree);
                assert_eq!(ids(&members), [scenario.root, orphan], "after {calls} calls");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_children_of_a_group_member_are_no_members_although_a_read_fails() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Group);
                let peer = scenario.sibling();
                scenario.join_group(peer, scenario.root);
                let child = scenario.child_of(peer);
                scenario.join_group(child, child);
                let mut members = scenario.find(Scope::Tree);
                scenario.fail_read_after(calls);
                scenario.rescan(&mut members);
                assert_eq!(ids(&members), [scenario.root, peer], "after {calls} calls");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_in_the_root_s_group_is_found_with_its_children() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let orphan = scenario.orphan_of(scenario.root);
            let child = scenario.child_of(orphan);
            scenario.join_group(child, child);
            let members = scenario.find(Scope::Tree);
            assert_eq!(ids(&members), [scenario.root, orphan, child]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_is_found_by_the_session_of_a_member_that_is_not_the_root() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let leader = scenario.child_of(scenario.root);
            scenario.take_session(leader);
            let orphan = scenario.orphan_of(leader);
            assert_eq!(ids(&scenario.find(Scope::Tree)), [scenario.root, leader, orphan]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_that_started_a_session_leader_leads_to_the_orphans_of_that_session() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let orphan = scenario.orphan_of(scenario.root);
            let leader = scenario.child_of(orphan);
            scenario.take_session(leader);
            let second = scenario.orphan_of(leader);
            assert_eq!(ids(&scenario.find(Scope::Tree)), [scenario.root, orphan, leader, second]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_daemon_that_has_escaped_is_not_found_and_the_proof_says_what_was_searched() {
        fn check<S: Simulation>() {
            for (leads, proof) in [(Leads::Session, Proof::Session), (Leads::Nothing, Proof::Descendants)] {
                let scenario = Scenario::<S>::new(leads);
                scenario.daemon_of(scenario.root);
                let members = scenario.find(Scope::Tree);
                assert_eq!(ids(&members), [scenario.root]);
                assert!(!members.has_gaps());
                assert_eq!(members.proof(), proof);
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_of_a_root_that_leads_nothing_is_not_found() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.orphan_of(scenario.root);
            let members = scenario.find(Scope::Tree);
            assert_eq!(ids(&members), [scenario.root]);
            assert_eq!(members.proof(), Proof::Descendants);
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_on_windows_is_found_only_if_its_parent_was_a_known_member() {
        let scenario = Scenario::<Windows>::new(Leads::Nothing);
        scenario.orphan_of(scenario.root);
        let parent = scenario.child_of(scenario.root);
        let orphan = scenario.child_of(parent);
        let mut members = scenario.find(Scope::Tree);
        scenario.end(parent);
        let second = scenario.child_of(orphan);
        members.refresh();
        assert_eq!(scenario.rescan(&mut members), [second]);
        assert_eq!(ids(&members), [scenario.root, orphan, second]);
    }

    #[test]
    fn a_peer_in_the_group_is_a_member_but_its_children_outside_the_group_are_not() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let peer = scenario.sibling();
            scenario.join_group(peer, scenario.root);
            let (inside, outside) = (scenario.child_of(peer), scenario.child_of(peer));
            scenario.join_group(outside, outside);
            let members = scenario.find(Scope::Tree);
            assert_eq!(ids(&members), [scenario.root, peer, inside]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn strangers_are_not_members() {
        fn check<S: Simulation>() {
            for leads in [Leads::Nothing, Leads::Group, Leads::Session] {
                let scenario = Scenario::<S>::new(leads);
                let stranger = scenario.stranger();
                scenario.child_of(stranger);
                scenario.orphan_of(stranger);
                scenario.daemon_of(stranger);
                assert_eq!(ids(&scenario.find(Scope::Tree)), [scenario.root]);
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn orphans_of_a_reaped_leader_s_session_are_unverified_unless_its_number_is_proved_its_own() {
        fn check<S: Simulation>() {
            for (has_own_group, many) in [(false, false), (false, true), (true, false), (true, true)] {
                let scenario = Scenario::<S>::new(Leads::Session);
                let orphan = scenario.orphan_of(scenario.root);
                if has_own_group {
                    scenario.join_group(orphan, orphan);
                }
                let root = scenario.open();
                let is_proven = scenario.end_root(many);
                let members = scenario.find_from(&root, Scope::Tree);
                let unverified: Vec<_> =
                    members.summary.unverified.iter().map(|process| process.pid).collect();
                if is_proven {
                    assert_eq!((ids(&members), unverified), (vec![orphan], vec![]));
                    assert_eq!(members.proof(), Proof::Session);
                } else {
                    assert_eq!((ids(&members), unverified), (vec![], vec![scenario.pid(orphan)]));
                    assert_eq!(members.proof(), Proof::BestEffort);
                }
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_known_member_proves_the_session_of_a_reaped_leader() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let child = scenario.child_of(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            let orphan = scenario.orphan_of(child);
            scenario.end(scenario.root);
            members.refresh();
            assert_eq!(scenario.rescan(&mut members), [orphan]);
            assert!(members.summary.unverified.is_empty());
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_later_session_with_the_leader_s_pid_holds_no_members() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let root = scenario.open();
            let other = World::with(|world| reuse_pid(world, scenario.root));
            scenario.take_session(other);
            scenario.child_of(other);
            assert_eq!(scenario.pid(other), root.pid());
            let members = scenario.find_from(&root, Scope::Tree);
            assert_eq!(ids(&members), []);
            assert!(members.summary.unverified.is_empty());
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_adopted_by_a_subreaper_among_the_root_s_ancestors_is_found() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            World::with(|world| {
                let shell = world.get(world.caller).parent;
                world.get_mut(shell).is_subreaper = true;
            });
            let orphan = scenario.orphan_of(scenario.root);
            assert_eq!(ids(&scenario.find(Scope::Tree)), [scenario.root, orphan]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_child_of_a_peer_that_is_reparented_stays_a_peer() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let peer = scenario.sibling();
            scenario.join_group(peer, scenario.root);
            let child = scenario.child_of(peer);
            let mut members = scenario.find(Scope::Tree);
            let all = [scenario.root, peer, child];
            assert_eq!(sorted(ids(&members)), all);
            scenario.take_session(child);
            scenario.child_of(child);
            scenario.end(peer);
            members.refresh();
            assert_eq!(scenario.rescan(&mut members), []);
            assert_eq!(members.proof(), Proof::BestEffort, "it may be an orphan of the tree");
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_that_shows_the_root_s_session_leads_to_all_others_in_it() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let parent = scenario.child_of(scenario.root);
            let orphan = scenario.child_of(scenario.root);
            let child = scenario.child_of(parent);
            scenario.join_group(child, child);
            scenario.take_session(parent);
            let root = scenario.open();
            scenario.end(scenario.root);
            assert_eq!(sorted(ids(&scenario.find_from(&root, Scope::Tree))), [orphan, child]);
        }
        check::<Linux>();
    }
}
