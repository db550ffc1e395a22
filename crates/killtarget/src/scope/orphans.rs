//! The orphans of a tree, found by the session or group that a member leads or led.

use std::{collections::HashSet, sync::Arc};

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{ScanResult, owner_by_member},
    tree::Tree,
    walk::Walk,
};
use crate::{sys::IdOwner, types::Pid};

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

impl<T: ProcessTable> Tree<T> {
    /// Adds the processes that are in the tree though their parent is no member.
    pub(super) fn find_orphans(&mut self, walk: &mut Walk<'_, T>, result: &mut ScanResult<T>) {
        let Some(pids) = self.orphan_candidates(walk.scan.root, walk.scan.process_list) else {
            result.summary.has_gaps = true;
            return;
        };
        let mut unknown_sessions = HashSet::new();
        for pid in pids {
            if walk.scan.is_past_deadline() {
                result.summary.has_gaps = true;
                return;
            }
            if walk.is_known(pid) || result.record_known_zombie(pid, walk.scan) {
                continue;
            }
            if !T::GETSID_SEES_ZOMBIES && T::session_of(pid).is_none() {
                unknown_sessions.insert(pid);
            }
            match self.classify(pid, walk, result) {
                Some(Classified::Orphan(orphan)) => walk.include(orphan, result),
                Some(Classified::Peer(peer)) if walk.admit(&peer, result) => {
                    walk.peers.insert(pid, peer);
                }
                _ => {}
            }
        }
        // A pid that lost its session since the last scan may be a member that exited and left children. A
        // zombie that was one then has not.
        result.summary.has_gaps |= !unknown_sessions.is_subset(&self.unknown_sessions);
        self.unknown_sessions = unknown_sessions;
    }

    /// Returns the processes that may be orphans, or `None` if they cannot be listed.
    ///
    /// The kernel gives an orphan to a subreaper among its ancestors, or to pid 1 (`PR_SET_CHILD_SUBREAPER`
    /// in prctl(2)). The ancestors read first are enough: reparenting adds no others.
    fn orphan_candidates(&self, root: &T::Process, process_list: &T::List) -> Option<Vec<Pid>> {
        if self.leaders.is_empty() && !self.leads.group && !self.leads.may_be_group {
            return Some(Vec::new());
        }
        // If the owner of the group is unknown, every process is a candidate: all members of the group are
        // reported.
        let reapers = self.reapers.as_ref().filter(|_| !self.leads.may_be_group);
        let Some(reapers) = reapers else { return process_list.all().map(<[Pid]>::to_vec) };
        let mut candidates = Vec::new();
        for reaper in reapers {
            candidates.extend(process_list.children(*reaper)?);
        }
        // The root leads no session, so any process in the session may have put its children into the root's
        // group.
        if self.includes_group && self.leads.group && !self.leads.session {
            candidates.extend(process_list.group(root.pid()));
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
        walk: &Walk<'_, T>,
        result: &mut ScanResult<T>,
    ) -> Option<Classified<T>> {
        self.membership(pid, walk.scan.root)?;
        let Ok(orphan) = T::open_candidate(pid).map(Arc::new) else {
            result.summary.has_gaps = true;
            return None;
        };
        let membership = self.membership(pid, walk.scan.root);
        if !orphan.is_unreaped() {
            result.summary.has_gaps = true;
            return None;
        }
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
            (IdOwner::Original, Some(leader)) => {
                // So the root led this session, even if it has exited since.
                self.leads.session |= leader.pid() == walk.scan.root.pid();
                Some(Classified::Orphan(orphan))
            }
            // A process outside the tree may have put the protected process into the group, and exited.
            (IdOwner::Original, None) if !self.includes_group && walk.protected(pid).is_some() => None,
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
    fn may_be_orphan(&self, process: &T::Process, root: &T::Process) -> bool {
        let Some(parent) = process.parent() else { return false };
        let is_in_other_session = T::session_of(parent) != T::session_of(process.pid());
        let Some(reapers) = &self.reapers else {
            let was_reparented =
                parent == Pid::INIT && root.first_parent().is_some_and(|first| first != parent);
            return is_in_other_session || was_reparented;
        };
        reapers.contains(&parent) && (is_in_other_session || reapers.first() != Some(&parent))
    }

    fn membership(&self, pid: Pid, root: &Arc<T::Process>) -> Option<Membership<T>> {
        let session = T::session_of(pid).and_then(|session| self.leaders.get(&session));
        if let Some(leader) = session {
            return Some(Membership::Session(Arc::clone(leader)));
        }
        // The group of a session leader is in its session.
        let needs_group = (self.leads.group || self.leads.may_be_group) && !self.leads.session;
        (needs_group && T::group_of(pid) == Some(root.pid())).then_some(Membership::Group)
    }
}
