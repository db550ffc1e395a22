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
    member::is_alive,
    scan::{Found, Look, or_by_member},
    survivor::Proof,
    walk::Walk,
};
use crate::{
    ancestors,
    sys::{self, Listing, Sight, Whose},
    target::KillTarget,
    types::{Method, Pid},
};

/// What is known of a tree beside its members.
pub(crate) struct Tree {
    /// Whether the members of the root's group belong to it whoever their parents are.
    with_group: bool,
    leads: Leads,
    /// Whether the calling process belongs to it, and with it what that has started.
    with_me: bool,
    has_lost_some: bool,
    /// Those of the root's group who were put there by others than the tree. What they have started does not belong to it.
    peers: HashMap<Pid, Arc<KillTarget>>,
    /// Who leads a session, or may have led one. Whoever is in one of these belongs to the tree.
    leaders: HashMap<Pid, Arc<KillTarget>>,
    /// Who may be given those whose parents end: the root's ancestors, its parent first, and pid 1. `None`: it is not known,
    /// and may be anyone.
    reapers: Option<Vec<Pid>>,
    /// Of whom no session was told by the last look, where none is told of zombies.
    untold: HashSet<Pid>,
}

/// What the root leads or led, as far as that has shown.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
struct Leads {
    /// Whether it was there to be asked.
    is_known: bool,
    group: bool,
    /// Whether the group that has its number may have been its own, which nothing tells any more.
    may_be_group: bool,
    session: bool,
}

/// Why a process whose parent is elsewhere belongs to the tree.
enum Bond {
    Session(Arc<KillTarget>),
    Group,
}

/// Who was found elsewhere than among the children of the tree.
enum Adopted {
    /// Of the tree.
    Orphan(Arc<KillTarget>),
    Peer(Arc<KillTarget>),
}

impl Tree {
    /// The process, all that descends from it, and its process group.
    pub(crate) fn new() -> Self {
        Self {
            with_group: true,
            leads: Leads::default(),
            with_me: false,
            has_lost_some: false,
            peers: HashMap::new(),
            leaders: HashMap::new(),
            reapers: None,
            untold: HashSet::new(),
        }
    }

    /// The process and all that descends from it, whoever that is. Who has joined its group from elsewhere does not.
    pub(crate) fn of_descendants() -> Self {
        Self { with_group: false, ..Self::new() }
    }

    /// Whether what is sent to the root's group goes to none but members, for as long as that group is there.
    pub(crate) fn leads_group(&self) -> bool {
        // Nobody joins the group of another session.
        self.leads.group && (self.with_group || self.leads.session)
    }

    /// Some may have been left without a parent by what was done to it. Who has a session to be told by is found by that.
    pub(crate) fn may_have_lost_some(&mut self) {
        self.has_lost_some = true;
    }

    /// Whether the root's group belongs to it as a whole.
    pub(crate) fn holds_group_of(&self, root: &KillTarget) -> bool {
        self.with_group || sys::session_of(root.pid()) == Some(root.pid())
    }

    /// What "all of them" rests on, where everyone was seen who can be.
    pub(crate) fn proof(&self) -> Proof {
        match self.leads {
            Leads { session: true, .. } => Proof::Session,
            _ if self.has_lost_some => Proof::BestEffort,
            Leads { group: true, .. } => Proof::Group,
            Leads { .. } => Proof::Descendants,
        }
    }

    /// Those that are not known yet: parents before their children.
    pub(crate) fn look(&mut self, look: &Look<'_>) -> Found {
        self.note_root(look.root);
        let mut found = Found::nothing(look.listing.sight());
        // Of one that was over before it was a target nothing is known.
        if found.seen.sight == Sight::None || look.root.method() == Method::Gone {
            return found;
        }
        self.with_me |= look.root.pid() == sys::own_pid();
        self.peers.retain(|_, peer| peer.is_unreaped());
        let mut walk = Walk::new(look, mem::take(&mut self.peers), self.with_me);
        // Whoever was adopted may have started one who leads a session, in which there may be others.
        let (mut sessions, mut noted) = (None, 0);
        loop {
            walk.go_on(&mut found);
            self.note_leaders(walk.reached[noted..].iter().chain(found.over.values()));
            noted = walk.reached.len();
            if sessions == Some(self.leaders.len()) || look.is_late() {
                break;
            }
            sessions = Some(self.leaders.len());
            self.adopt_orphans(&mut walk, &mut found);
        }
        self.with_me |= walk.has_reached(sys::own_pid());
        if sys::ORPHANS_NAME_PARENT {
            // Held on to, so that nobody else gets the number that their children name.
            found.over.extend(look.over.iter().map(|(pid, over)| (*pid, Arc::clone(over))));
        }
        if !found.seen.has_gaps {
            self.forget_leaders(&walk, look.root);
        }
        self.peers = walk.peers;
        found
    }

    fn adopt_orphans(&mut self, walk: &mut Walk<'_>, found: &mut Found) {
        let Some(pids) = self.who_may_be_orphans(walk.look.root, walk.look.listing) else {
            found.seen.has_gaps = true;
            return;
        };
        let mut untold = HashSet::new();
        for pid in pids {
            if walk.look.is_late() {
                found.seen.has_gaps = true;
                return;
            }
            if walk.is_known(pid) || found.is_old_zombie(pid, walk.look) {
                continue;
            }
            if !sys::TELLS_SESSION_OF_ZOMBIES && sys::session_of(pid).is_none() {
                untold.insert(pid);
            }
            match self.adopt(pid, walk, found) {
                Some(Adopted::Orphan(orphan)) => walk.reach(orphan, found),
                Some(Adopted::Peer(peer)) if walk.meet(&peer, found) => {
                    walk.peers.insert(pid, peer);
                }
                _ => {}
            }
        }
        // One of the tree may have ended since the others were listed, and left some behind. A lasting zombie has not.
        found.seen.has_gaps |= !untold.is_subset(&self.untold);
        self.untold = untold;
    }

    fn note_root(&mut self, root: &Arc<KillTarget>) {
        let pid = root.pid();
        let (group, session) = (sys::group_of(pid), sys::session_of(pid));
        let may_lead_session = sys::may_lead_session(pid);
        if self.reapers.is_none() {
            self.reapers = ancestors(root);
        }
        if !root.is_unreaped() {
            // What it led can't be asked any more: who is left will tell.
            if !self.leads.is_known {
                let whose = root.whose_group();
                self.leads.group |= whose == Whose::Own;
                self.leads.may_be_group = whose == Whose::Unknown;
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

    /// Who was given an orphan is one of the root's ancestors, or pid 1. (`prctl(2)`, `PR_SET_CHILD_SUBREAPER`.) Those that
    /// it had once are enough: none but these can be its ancestors later.
    fn who_may_be_orphans(&self, root: &KillTarget, listing: &Listing) -> Option<Vec<Pid>> {
        if self.leaders.is_empty() && !self.leads.group && !self.leads.may_be_group {
            return Some(Vec::new());
        }
        // Where it is not known whose they are, all are named.
        let reapers = self.reapers.as_ref().filter(|_| !self.leads.may_be_group);
        let Some(reapers) = reapers else { return listing.everyone().map(<[Pid]>::to_vec) };
        let mut candidates = Vec::new();
        for reaper in reapers {
            candidates.extend(listing.children(*reaper)?);
        }
        // Whoever is in the group of one that leads no session may have been put there by anyone in the session of others.
        if self.with_group && self.leads.group && !self.leads.session {
            candidates.extend(listing.group(root.pid()));
        }
        Some(candidates)
    }

    fn note_leaders<'a>(&mut self, members: impl Iterator<Item = &'a Arc<KillTarget>>) {
        for member in members {
            let pid = member.pid();
            let is_noted = || self.leaders.get(&pid).is_some_and(|leader| leader.is_unreaped());
            if sys::may_lead_session(pid) && !is_noted() && member.is_unreaped() {
                self.leaders.insert(pid, Arc::clone(member));
            }
        }
    }

    /// Lets go of those who have led a session that nobody is in any more.
    fn forget_leaders(&mut self, walk: &Walk<'_>, root: &KillTarget) {
        if self.leaders.values().all(|leader| leader.is_unreaped()) {
            return;
        }
        let members = walk.reached.iter();
        let sessions: HashSet<_> = members.filter_map(|member| sys::session_of(member.pid())).collect();
        self.leaders.retain(|pid, leader| {
            // The kernel tells of more than was seen: of one who was started in it by one who is over already.
            *pid == root.pid() || sessions.contains(pid) || leader.whose_session() == Whose::Own
        });
    }

    /// The process that has the number, if it belongs to the tree.
    fn adopt(&mut self, pid: Pid, walk: &Walk<'_>, found: &mut Found) -> Option<Adopted> {
        // A look by the number first, as most are others'.
        self.bond(pid, walk.look.root)?;
        let Ok(orphan) = KillTarget::met(pid).map(Arc::new) else {
            found.seen.has_gaps = true;
            return None;
        };
        let bond = self.bond(pid, walk.look.root);
        if !orphan.is_unreaped() {
            found.seen.has_gaps = true;
            return None;
        }
        // Only now, as the number of the session or group may have come free while it was read.
        let (whose, leader) = match bond? {
            Bond::Session(leader) => {
                let is_in_it = |pid| sys::session_of(pid) == Some(leader.pid());
                (or_by_member(leader.whose_session(), walk.known.values(), is_in_it), Some(leader))
            }
            Bond::Group => {
                let is_in_it = |pid| sys::group_of(pid) == Some(walk.look.root.pid());
                (or_by_member(walk.look.root.whose_group(), walk.known.values(), is_in_it), None)
            }
        };
        match (whose, leader) {
            (Whose::Own, Some(leader)) => {
                // So it was led by the root, be that over.
                self.leads.session |= leader.pid() == walk.look.root.pid();
                Some(Adopted::Orphan(orphan))
            }
            // The caller may have been put into the group by others, who are over by now.
            (Whose::Own, None) if !self.with_group && walk.kin(pid).is_some() => None,
            (Whose::Own, None)
                if walk.is_child_of_reached(&orphan) || self.may_be_orphan(&orphan, walk.look.root) =>
            {
                Some(Adopted::Orphan(orphan))
            }
            (Whose::Own, None) => {
                // What pid 1 has started can't be told from what it was given.
                self.has_lost_some |= orphan.parent() == Some(Pid::INIT);
                self.with_group.then_some(Adopted::Peer(orphan))
            }
            (Whose::Others, _) => None,
            // Who is over is nobody who survives, whose-ever it was.
            (Whose::Unknown, _) if !is_alive(&orphan) => {
                found.admit(&orphan, walk.look);
                None
            }
            (Whose::Unknown, _) => {
                found.doubt(orphan.info());
                None
            }
        }
    }

    /// Whether one of the root's group can be a descendant that was given to another. The others are what the shell that has
    /// made the group has put into it as well, and what those have started.
    fn may_be_orphan(&self, process: &KillTarget, root: &KillTarget) -> bool {
        let Some(parent) = process.parent() else { return false };
        let is_of_other_session = sys::session_of(parent) != sys::session_of(process.pid());
        let Some(reapers) = &self.reapers else {
            let was_given = parent == Pid::INIT && root.first_parent().is_some_and(|first| first != parent);
            return is_of_other_session || was_given;
        };
        reapers.contains(&parent) && (is_of_other_session || reapers.first() != Some(&parent))
    }

    fn bond(&self, pid: Pid, root: &Arc<KillTarget>) -> Option<Bond> {
        let session = sys::session_of(pid).and_then(|session| self.leaders.get(&session));
        if let Some(leader) = session {
            return Some(Bond::Session(Arc::clone(leader)));
        }
        // The group of one that leads its session is in that.
        let asks_group = (self.leads.group || self.leads.may_be_group) && !self.leads.session;
        (asks_group && sys::group_of(pid) == Some(root.pid())).then_some(Bond::Group)
    }
}

/// Pid 1 is one of them wherever the line ends.
fn ancestors(root: &Arc<KillTarget>) -> Option<Vec<Pid>> {
    let line = match root.parent() {
        Some(parent) => ancestors::of(parent, |pid| root.parent() == Some(pid))?,
        None if root.is_unreaped() => Vec::new(),
        // No number of another process would be known to be that one's still.
        None if root.first_parent() == Some(sys::own_pid()) => {
            std::iter::once(sys::own_pid()).chain(ancestors::own()).collect()
        }
        None => return None,
    };
    let init = (!line.contains(&Pid::INIT)).then_some(Pid::INIT);
    Some(line.into_iter().chain(init).collect())
}
