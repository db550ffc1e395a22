//! Who descends from a process.
//!
//! Found by parent; and, of those whose parent is over and who were given to another, by the session or group that one of
//! the tree leads or led. Whoever took a session of his own as well has nothing left by which he could be found.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::Arc,
};

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Scan, ScanResult},
    survivor::Proof,
    walk::Walk,
};
use crate::{
    sys::{IdOwner, Visibility},
    types::{Method, Pid},
};

/// What is known of a tree beside its members.
pub(crate) struct Tree<T: ProcessTable> {
    /// Whether the members of the root's group belong to it whoever their parents are.
    pub(super) includes_group: bool,
    pub(super) leads: Leads,
    /// Whether the calling process belongs to it, and with it what that has started.
    pub(super) includes_caller: bool,
    pub(super) may_miss_orphans: bool,
    /// Those of the root's group who were put there by others than the tree. What they have started does not belong to it.
    pub(super) peers: HashMap<Pid, Arc<T::Process>>,
    /// Who leads a session, or may have led one. Whoever is in one of these belongs to the tree.
    pub(super) leaders: HashMap<Pid, Arc<T::Process>>,
    /// Who may be given those whose parents end: the root's ancestors, its parent first, and pid 1. `None`: it is not known,
    /// and may be anyone.
    pub(super) reapers: Option<Vec<Pid>>,
    /// Of whom no session was told by the last look, where none is told of zombies.
    pub(super) unknown_sessions: HashSet<Pid>,
}

/// What the root leads or led, as far as that has shown.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(super) struct Leads {
    /// Whether it was there to be asked.
    pub(super) is_known: bool,
    pub(super) group: bool,
    /// Whether the group that has its number may have been its own, which nothing tells any more.
    pub(super) may_be_group: bool,
    pub(super) session: bool,
}

impl<T: ProcessTable> Tree<T> {
    /// The process, all that descends from it, and its process group.
    pub(crate) fn new() -> Self {
        Self {
            includes_group: true,
            leads: Leads::default(),
            includes_caller: false,
            may_miss_orphans: false,
            peers: HashMap::new(),
            leaders: HashMap::new(),
            reapers: None,
            unknown_sessions: HashSet::new(),
        }
    }

    /// The process and all that descends from it, whoever that is. Who has joined its group from elsewhere does not.
    pub(crate) fn of_descendants() -> Self {
        Self { includes_group: false, ..Self::new() }
    }

    /// Whether what is sent to the root's group goes to none but members, for as long as that group is there.
    pub(crate) fn leads_group(&self) -> bool {
        // Nobody joins the group of another session.
        self.leads.group && (self.includes_group || self.leads.session)
    }

    /// Some may have been left without a parent by what was done to it. Who has a session to be told by is found by that.
    pub(crate) fn record_missed_orphans(&mut self) {
        self.may_miss_orphans = true;
    }

    /// Whether the root's group belongs to it as a whole.
    pub(crate) fn includes_group_of(&self, root: &T::Process) -> bool {
        self.includes_group || T::session_of(root.pid()) == Some(root.pid())
    }

    /// What "all of them" rests on, where everyone was seen who can be.
    pub(crate) fn proof(&self) -> Proof {
        match self.leads {
            Leads { session: true, .. } => Proof::Session,
            _ if self.may_miss_orphans => Proof::BestEffort,
            Leads { group: true, .. } => Proof::Group,
            Leads { .. } => Proof::Descendants,
        }
    }

    /// Those that are not known yet: parents before their children.
    pub(crate) fn scan(&mut self, scan: &Scan<'_, T>) -> ScanResult<T> {
        self.examine_root(scan.root);
        let mut result = ScanResult::empty(scan.process_list.visibility());
        // Of one that was over before it was a target nothing is known.
        if result.summary.visibility == Visibility::None || scan.root.method() == Method::Gone {
            return result;
        }
        self.includes_caller |= scan.root.pid() == T::own_pid();
        self.peers.retain(|_, peer| peer.is_unreaped());
        let mut walk = Walk::new(scan, mem::take(&mut self.peers), self.includes_caller);
        // Whoever was adopted may have started one who leads a session, in which there may be others.
        let (mut sessions, mut recorded) = (None, 0);
        loop {
            walk.advance(&mut result);
            self.record_leaders(walk.parents[recorded..].iter().chain(result.exited.values()));
            recorded = walk.parents.len();
            if sessions == Some(self.leaders.len()) || scan.is_past_deadline() {
                break;
            }
            sessions = Some(self.leaders.len());
            self.find_orphans(&mut walk, &mut result);
        }
        self.includes_caller |= walk.is_parent(T::own_pid());
        if T::ORPHANS_KEEP_PPID {
            // Held on to, so that nobody else gets the number that their children name.
            result.exited.extend(scan.exited.iter().map(|(pid, process)| (*pid, Arc::clone(process))));
        }
        if !result.summary.has_gaps {
            self.remove_stale_leaders(&walk, scan.root);
        }
        self.peers = walk.peers;
        result
    }

    fn examine_root(&mut self, root: &Arc<T::Process>) {
        let pid = root.pid();
        let (group, session) = (T::group_of(pid), T::session_of(pid));
        let may_lead_session = T::may_lead_session(pid);
        if self.reapers.is_none() {
            self.reapers = ancestors::<T>(root);
        }
        if !root.is_unreaped() {
            // What it led can't be asked any more: who is left will tell.
            if !self.leads.is_known {
                let owner = root.group_owner();
                self.leads.group |= owner == IdOwner::Original;
                self.leads.may_be_group = owner == IdOwner::Unknown;
                self.leaders.insert(pid, Arc::clone(root));
            }
            return;
        }
        self.leads.is_known = true;
        self.leads.group |= group == Some(pid);
        self.leads.session |= session == Some(pid);
        if may_lead_session {
            self.leaders.entry(pid).or_insert_with(|| Arc::clone(root));
        }
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

    /// Lets go of those who have led a session that nobody is in any more.
    fn remove_stale_leaders(&mut self, walk: &Walk<'_, T>, root: &T::Process) {
        if self.leaders.values().all(|leader| leader.is_unreaped()) {
            return;
        }
        let members = walk.parents.iter();
        let sessions: HashSet<_> = members.filter_map(|member| T::session_of(member.pid())).collect();
        self.leaders.retain(|pid, leader| {
            // The kernel tells of more than was seen: of one who was started in it by one who is over already.
            *pid == root.pid() || sessions.contains(pid) || leader.session_owner() == IdOwner::Original
        });
    }
}

/// Pid 1 is one of them wherever the line ends.
fn ancestors<T: ProcessTable>(root: &Arc<T::Process>) -> Option<Vec<Pid>> {
    let chain = match root.parent() {
        Some(parent) => T::ancestors_from(parent, |pid| root.parent() == Some(pid))?,
        None if root.is_unreaped() => Vec::new(),
        // No number of another process would be known to be that one's still.
        None if root.first_parent() == Some(T::own_pid()) => {
            std::iter::once(T::own_pid()).chain(T::own_ancestors()).collect()
        }
        None => return None,
    };
    let init = (!chain.contains(&Pid::INIT)).then_some(Pid::INIT);
    Some(chain.into_iter().chain(init).collect())
}
