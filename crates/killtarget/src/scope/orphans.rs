//! Processes of a tree whose parents are over: found by the session or group that one of the tree leads or led.

use std::{collections::HashSet, sync::Arc};

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{ScanResult, owner_by_member},
    tree::Tree,
    walk::Walk,
};
use crate::{sys::IdOwner, types::Pid};

/// Why a process whose parent is elsewhere belongs to the tree.
enum Membership<T: ProcessTable> {
    Session(Arc<T::Process>),
    Group,
}

/// Who was found elsewhere than among the children of the tree.
enum Classified<T: ProcessTable> {
    /// Of the tree.
    Orphan(Arc<T::Process>),
    Peer(Arc<T::Process>),
}

impl<T: ProcessTable> Tree<T> {
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
        // One of the tree may have ended since the others were listed, and left some behind. A lasting zombie has not.
        result.summary.has_gaps |= !unknown_sessions.is_subset(&self.unknown_sessions);
        self.unknown_sessions = unknown_sessions;
    }

    /// Who was given an orphan is one of the root's ancestors, or pid 1. (`prctl(2)`, `PR_SET_CHILD_SUBREAPER`.) Those that
    /// it had once are enough: none but these can be its ancestors later.
    fn orphan_candidates(&self, root: &T::Process, process_list: &T::List) -> Option<Vec<Pid>> {
        if self.leaders.is_empty() && !self.leads.group && !self.leads.may_be_group {
            return Some(Vec::new());
        }
        // Where it is not known whose they are, all are named.
        let reapers = self.reapers.as_ref().filter(|_| !self.leads.may_be_group);
        let Some(reapers) = reapers else { return process_list.all().map(<[Pid]>::to_vec) };
        let mut candidates = Vec::new();
        for reaper in reapers {
            candidates.extend(process_list.children(*reaper)?);
        }
        // Whoever is in the group of one that leads no session may have been put there by anyone in the session of others.
        if self.includes_group && self.leads.group && !self.leads.session {
            candidates.extend(process_list.group(root.pid()));
        }
        Some(candidates)
    }

    /// The process that has the number, if it belongs to the tree.
    fn classify(
        &mut self,
        pid: Pid,
        walk: &Walk<'_, T>,
        result: &mut ScanResult<T>,
    ) -> Option<Classified<T>> {
        // A look by the number first, as most are others'.
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
        // Only now, as the number of the session or group may have come free while it was read.
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
                // So it was led by the root, be that over.
                self.leads.session |= leader.pid() == walk.scan.root.pid();
                Some(Classified::Orphan(orphan))
            }
            // The caller may have been put into the group by others, who are over by now.
            (IdOwner::Original, None) if !self.includes_group && walk.protected(pid).is_some() => None,
            (IdOwner::Original, None)
                if walk.is_child_of_member(&orphan) || self.may_be_orphan(&orphan, walk.scan.root) =>
            {
                Some(Classified::Orphan(orphan))
            }
            (IdOwner::Original, None) => {
                // What pid 1 has started can't be told from what it was given.
                self.may_miss_orphans |= orphan.parent() == Some(Pid::INIT);
                self.includes_group.then_some(Classified::Peer(orphan))
            }
            (IdOwner::Reused, _) => None,
            // Who is over is nobody who survives, whose-ever it was.
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

    /// Whether one of the root's group can be a descendant that was given to another. The others are what the shell that has
    /// made the group has put into it as well, and what those have started.
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
        // The group of one that leads its session is in that.
        let needs_group = (self.leads.group || self.leads.may_be_group) && !self.leads.session;
        (needs_group && T::group_of(pid) == Some(root.pid())).then_some(Membership::Group)
    }
}
