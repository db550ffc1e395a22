//! Who descends from a process.
//!
//! Found by parent; and, of those whose parent is over and who were given to another, by the session or group that one of
//! the tree leads or led. Whoever took a session of his own as well has nothing left by which he could be found.

use std::{cell::OnceCell, collections::HashMap, sync::Arc};

use crate::{
    ancestry,
    look::{Found, Look, or_by_member},
    method::Method,
    pid::Pid,
    protect,
    report::Proof,
    sys::{self, Listing, Sight, Whose},
    target::KillTarget,
};

/// What is known of a tree beside its members.
pub(crate) struct Tree {
    /// Whether the members of the root's group belong to it whoever their parents are.
    with_group: bool,
    /// Whether the calling process, its ancestors and pid 1 may belong to it.
    with_kin: bool,
    leads: Leads,
    /// Who leads a session, or may have led one. Whoever is in one of these belongs to the tree.
    leaders: HashMap<Pid, Arc<KillTarget>>,
    /// Who may be given those whose parents end. `None`: it is not known, and may be anyone.
    reapers: Option<Vec<Pid>>,
}

/// What the root leads or led, as far as that has shown.
#[derive(Default)]
struct Leads {
    /// Whether it was there to be asked.
    is_known: bool,
    group: bool,
    session: bool,
}

/// Why a process whose parent is elsewhere belongs to the tree.
enum Bond {
    Session(Arc<KillTarget>),
    Group,
}

impl Tree {
    /// The process, all that descends from it, and its process group.
    pub(crate) fn new(with_kin: bool) -> Self {
        Self { with_group: true, with_kin, leads: Leads::default(), leaders: HashMap::new(), reapers: None }
    }

    /// The process and all that descends from it, whoever that is. Who has joined its group from elsewhere does not.
    pub(crate) fn of_descendants() -> Self {
        Self { with_group: false, ..Self::new(true) }
    }

    /// Whether what is sent to the root's group goes to none but members, for as long as that group is there.
    pub(crate) fn leads_group(&self) -> bool {
        // Nobody joins the group of another session.
        self.leads.group && (self.with_group || self.leads.session)
    }

    /// What "all of them" rests on, where everyone was seen who can be.
    pub(crate) fn proof(&self) -> Proof {
        match self.leads {
            Leads { session: true, .. } => Proof::Session,
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
        let mut walk = Walk::new(look, self.with_kin);
        // Whoever was adopted may have started one who leads a session, in which there may be others.
        let (mut sessions, mut noted) = (None, 0);
        loop {
            walk.go_on(&mut found);
            self.note_leaders(&walk.reached[noted..]);
            noted = walk.reached.len();
            if sessions == Some(self.leaders.len()) || look.is_late() {
                return found;
            }
            sessions = Some(self.leaders.len());
            self.adopt_orphans(&mut walk, &mut found);
        }
    }

    fn adopt_orphans(&mut self, walk: &mut Walk<'_>, found: &mut Found) {
        for pid in self.who_may_be_orphans(walk.look.listing) {
            if walk.look.is_late() {
                found.seen.has_gaps = true;
                return;
            }
            if walk.is_known(pid) || found.is_old_zombie(pid, walk.look) {
                continue;
            }
            if let Some(orphan) = self.adopt(pid, walk, found) {
                walk.reach(orphan, found);
            }
        }
    }

    fn note_root(&mut self, root: &Arc<KillTarget>) {
        let pid = root.pid();
        let (group, session) = (sys::group_of(pid), sys::session_of(pid));
        if !root.is_unreaped() {
            // What it led can't be asked any more: who is left will tell.
            if !self.leads.is_known {
                self.leads.group |= root.whose_group() == Whose::Own;
                self.leaders.insert(pid, Arc::clone(root));
            }
            return;
        }
        self.leads.is_known = true;
        self.leads.group |= group == Some(pid);
        self.leads.session |= session == Some(pid);
        if self.leads.session {
            self.leaders.entry(pid).or_insert_with(|| Arc::clone(root));
        }
        if self.reapers.is_none() {
            self.reapers = ancestors(root);
        }
    }

    /// Who was given an orphan is one of the root's ancestors, or pid 1. (`prctl(2)`, `PR_SET_CHILD_SUBREAPER`.) Those that
    /// it had once are enough: none but these can be its ancestors later.
    fn who_may_be_orphans(&self, listing: &Listing) -> Vec<Pid> {
        if self.leaders.is_empty() && !self.leads.group {
            return Vec::new();
        }
        match &self.reapers {
            Some(reapers) => reapers.iter().flat_map(|reaper| listing.children(*reaper)).collect(),
            None => listing.everyone().to_vec(),
        }
    }

    fn note_leaders(&mut self, members: &[Arc<KillTarget>]) {
        for member in members {
            let pid = member.pid();
            if sys::session_of(pid) == Some(pid) && !self.leaders.contains_key(&pid) && member.is_unreaped() {
                self.leaders.insert(pid, Arc::clone(member));
            }
        }
    }

    /// The process that has the number, if it belongs to the tree.
    fn adopt(&mut self, pid: Pid, walk: &Walk<'_>, found: &mut Found) -> Option<Arc<KillTarget>> {
        // A look by the number first, as most are others'.
        self.bond(pid, walk.look.root)?;
        let Ok(orphan) = KillTarget::from_pid(pid).map(Arc::new) else {
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
                (or_by_member(leader.whose_session(), walk.reached.iter(), is_in_it), leader)
            }
            Bond::Group if !self.with_group && !may_be_orphan(&orphan, walk.look.root) => return None,
            Bond::Group => {
                let root = Arc::clone(walk.look.root);
                let is_in_it = |pid| sys::group_of(pid) == Some(root.pid());
                (or_by_member(root.whose_group(), walk.reached.iter(), is_in_it), root)
            }
        };
        match whose {
            Whose::Own => {
                // So it was led by the root, be that over.
                let is_roots = leader.pid() == walk.look.root.pid();
                self.leads.session |= is_roots && sys::session_of(pid) == Some(leader.pid());
                Some(orphan)
            }
            Whose::Others => None,
            Whose::Unknown => {
                found.seen.unverified.push(orphan.info());
                None
            }
        }
    }

    fn bond(&self, pid: Pid, root: &Arc<KillTarget>) -> Option<Bond> {
        let session = sys::session_of(pid).and_then(|session| self.leaders.get(&session));
        if let Some(leader) = session {
            return Some(Bond::Session(Arc::clone(leader)));
        }
        // The group of one that leads its session is in that.
        let asks_group = self.leads.group && !self.leads.session;
        (asks_group && sys::group_of(pid) == Some(root.pid())).then_some(Bond::Group)
    }
}

/// Pid 1 is one of them wherever the line ends.
fn ancestors(root: &Arc<KillTarget>) -> Option<Vec<Pid>> {
    let line = match root.parent() {
        Some(parent) => ancestry::of(parent, |pid| root.parent() == Some(pid))?,
        None if root.is_unreaped() => Vec::new(),
        None => return None,
    };
    let init = (!line.contains(&Pid::INIT)).then_some(Pid::INIT);
    Some(line.into_iter().chain(init).collect())
}

/// Whether one of the root's group can be a descendant that was given to another. The others are what the shell that has
/// made the group has put into it as well, and its children, of its own session, as the root is. (Pid 1 may be that shell.)
fn may_be_orphan(process: &KillTarget, root: &KillTarget) -> bool {
    let parent = process.parent();
    parent.is_none_or(|parent| parent == Pid::INIT || sys::session_of(parent) != sys::session_of(root.pid()))
}

/// From each process to its children, and on to theirs.
struct Walk<'a> {
    look: &'a Look<'a>,
    known: HashMap<Pid, Arc<KillTarget>>,
    /// Everyone of the tree who was there, parents first.
    reached: Vec<Arc<KillTarget>>,
    /// How many of them have been asked for their children.
    asked: usize,
    /// Who is left alone, and all that he has started: the calling process, its ancestors and pid 1.
    kin: OnceCell<Vec<Pid>>,
}

impl<'a> Walk<'a> {
    fn new(look: &'a Look<'a>, with_kin: bool) -> Self {
        let living = look.living.iter().map(|member| &member.target).chain(look.me);
        let reached = living.cloned().collect();
        let kin = if with_kin { OnceCell::from(Vec::new()) } else { OnceCell::new() };
        let known = look.known().into_iter().map(|(pid, target)| (pid, Arc::clone(target))).collect();
        Self { look, known, reached, asked: 0, kin }
    }

    fn is_known(&self, pid: Pid) -> bool {
        self.known.get(&pid).is_some_and(|target| target.is_unreaped())
    }

    fn is_kin(&self, pid: Pid) -> bool {
        self.kin.get_or_init(|| protect::kin().map(|(member, _)| member).collect()).contains(&pid)
    }

    fn go_on(&mut self, found: &mut Found) {
        while let Some(parent) = self.reached.get(self.asked).cloned() {
            if self.look.is_late() {
                found.seen.has_gaps = true;
                return;
            }
            self.asked += 1;
            self.take_children(&parent, found);
        }
    }

    fn take_children(&mut self, parent: &KillTarget, found: &mut Found) {
        let pids = self.look.listing.children(parent.pid());
        let is_old = |pid: Pid, found: &mut Found| self.is_known(pid) || found.is_old_zombie(pid, self.look);
        let unknown: Vec<_> = pids.into_iter().filter(|pid| !is_old(*pid, found)).collect();
        // The handle first, then the fact.
        let mut children = Vec::with_capacity(unknown.len());
        for pid in unknown {
            match KillTarget::from_pid(pid).map(Arc::new) {
                Ok(child) if child.parent() == Some(parent.pid()) => children.push(child),
                _ => found.seen.has_gaps = true,
            }
        }
        // And then that the parent had its number all along: who names it means it.
        if !children.is_empty() && !parent.is_unreaped() {
            found.seen.has_gaps = true;
            return;
        }
        for child in children {
            self.reach(child, found);
        }
    }

    fn reach(&mut self, process: Arc<KillTarget>, found: &mut Found) {
        if self.is_kin(process.pid()) {
            found.seen.holds_kin = true;
            return;
        }
        if found.admit(&process, self.look) {
            self.known.insert(process.pid(), Arc::clone(&process));
            self.reached.push(process);
        }
    }
}
