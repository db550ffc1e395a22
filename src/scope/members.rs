//! Who is in scope: found, each held by a handle of its own, and signalled through that. Nobody is signalled who was
//! not seen, through its handle, to be in scope.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    group,
    liveness::Living,
    member::{Member, is_alive},
    scan::{Found, Look, Over, Seen},
    survivor::{Proof, Reason, Survivor},
    tree::Tree,
};
use crate::{
    sys::{self, Listing, Motion, Sight, Whose},
    target::KillTarget,
    types::{Delivery, Error, Exit, Method, Pid, ProcessInfo, Scope, Signal, Verification},
};

/// How long one look may take. Who was not seen by then is seen by the next.
const LONGEST_LOOK: Duration = Duration::from_millis(500);

/// How often to look for descendants, where somebody always has come meanwhile.
const MOST_LOOKS: usize = 8;

/// Everyone in scope who lives, and what has become of the others.
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(crate) struct Members {
    pub(super) root: Arc<KillTarget>,
    pub(super) bounds: Bounds,
    /// Whether the calling process, its ancestors and pid 1 may be among them.
    pub(super) with_kin: bool,
    /// The root first, and parents before their children.
    pub(super) living: Vec<Member>,
    /// The calling process, where it is in scope: it is not among the others, and comes last.
    pub(super) me: Option<Arc<KillTarget>>,
    pub(super) ended: usize,
    /// Who was over already when the next look begins.
    pub(super) over: Over,
    /// How the root has ended, from the first moment on that it could be known: later it may not be.
    pub(super) root_exit: Option<Exit>,
    /// Whether SIGKILL was sent to anyone who lived.
    pub(super) killed: bool,
    /// Whether it was sent to all of the group in one step, which nobody who was in it outlives.
    pub(super) group_killed: bool,
    pub(super) fate: Fate,
    pub(super) race_free: bool,
    pub(super) seen: Seen,
    /// The number given away last before the last look, if that has shown everyone.
    pub(super) last_pid: Option<Pid>,
}

/// What awaits those who live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    /// They are stopped to be killed: whoever is not is to go on.
    Frozen,
    /// All of them were sent SIGKILL.
    Doomed,
}

/// How far the scope goes.
pub(super) enum Bounds {
    Process,
    Group,
    Tree(Tree),
}

impl From<Scope> for Bounds {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Process => Self::Process,
            Scope::Group => Self::Group,
            Scope::Tree => Self::Tree(Tree::new()),
        }
    }
}

impl Members {
    /// The root, if it lives, and nobody else yet.
    pub(crate) fn new(root: &Arc<KillTarget>, scope: Scope, allow_self: bool) -> Self {
        Self::within(root, scope.into(), allow_self)
    }

    fn within(root: &Arc<KillTarget>, bounds: Bounds, with_kin: bool) -> Self {
        let mut members = Self {
            root: Arc::clone(root),
            bounds,
            with_kin,
            living: Vec::new(),
            me: None,
            ended: 0,
            over: Over::new(),
            root_exit: None,
            killed: false,
            group_killed: false,
            fate: Fate::Open,
            race_free: true,
            seen: Seen::nothing(Sight::All),
            last_pid: None,
        };
        if is_alive(root) {
            members.admit(Arc::clone(root));
        } else {
            members.over.insert(root.pid(), Arc::clone(root));
        }
        members.find_me();
        members
    }

    /// Whether the calling process is in the group is not left to what can be seen: the group must not be signalled then.
    fn find_me(&mut self) {
        let me = sys::own_pid();
        let is_in_it = match self.bounds {
            Bounds::Process => false,
            Bounds::Group => true,
            Bounds::Tree(ref tree) => tree.holds_group_of(&self.root),
        } && sys::group_of(me) == Some(self.root.pid());
        if is_in_it && self.me.is_none() && self.root.whose_group() != Whose::Others {
            // It is there for certain, and can't be another.
            self.me = KillTarget::from_pid_with(me, Verification::Optional).ok().map(Arc::new);
        }
    }

    /// Who is seen to be in scope now.
    pub(crate) fn glance(root: &Arc<KillTarget>, scope: Scope, allow_self: bool) -> Self {
        let mut members = Self::new(root, scope, allow_self);
        members.look(&Listing::default());
        members
    }

    /// Everyone who is in scope now.
    pub(crate) fn find(root: &Arc<KillTarget>, scope: Scope, allow_self: bool) -> Self {
        let mut members = Self::new(root, scope, allow_self);
        members.look_for_all();
        members
    }

    /// The root and whoever descends from it now, be that the calling process.
    pub(crate) fn find_descendants(root: &Arc<KillTarget>) -> Self {
        let mut members = Self::within(root, Bounds::Tree(Tree::of_descendants()), true);
        members.look_for_all();
        members
    }

    /// Looks through a tree until a look has shown nobody new, and everyone there is. A group is seen at one look.
    fn look_for_all(&mut self) {
        for _ in 0..MOST_LOOKS {
            let newcomers = self.look(&Listing::default());
            let is_tree = matches!(self.bounds, Bounds::Tree(_));
            if !is_tree || newcomers == self.living.len() && !self.have_gaps() || self.are_all() {
                break;
            }
        }
    }

    /// Whether anyone but the root can be in scope.
    pub(crate) fn can_have_others(&self) -> bool {
        !matches!(self.bounds, Bounds::Process)
    }

    /// Counts the root among those that have ended, where it did so before it was found.
    pub(crate) fn count_root(&mut self) {
        if !is_alive(&self.root) && !self.living.iter().any(|member| Arc::ptr_eq(&member.target, &self.root))
        {
            self.ended += 1;
        }
    }

    pub(crate) fn root(&self) -> &Arc<KillTarget> {
        &self.root
    }

    pub(crate) fn scope(&self) -> Scope {
        match self.bounds {
            Bounds::Process => Scope::Process,
            Bounds::Group => Scope::Group,
            Bounds::Tree(_) => Scope::Tree,
        }
    }

    /// Whether the calling process, its ancestors and pid 1 may be among them.
    pub(crate) fn may_hold_kin(&self) -> bool {
        self.with_kin
    }

    pub(crate) fn living(&self) -> &[Member] {
        &self.living
    }

    pub(crate) fn living_mut(&mut self) -> &mut [Member] {
        &mut self.living
    }

    /// Why a call is to be refused that has sent nothing yet: one who is protected was found among them by the last look, and
    /// left alone.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.seen.kin.map(|holds| Error::Protected { pid: self.root.pid(), holds })
    }

    pub(crate) fn me(&self) -> Option<&Arc<KillTarget>> {
        self.me.as_ref()
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended
    }

    /// Takes note of how the root has ended.
    pub(crate) fn note_root_exit(&mut self, exit: Exit) {
        if self.root_exit.is_none_or(|known| known == Exit::Unknown) {
            self.root_exit = Some(exit);
        }
    }

    /// How the root has ended. `None`: it lives.
    pub(crate) fn root_exit(&mut self) -> Option<Exit> {
        if !is_alive(&self.root) {
            let exit = self.root.exit().unwrap_or(Exit::Unknown);
            self.note_root_exit(exit);
        }
        self.root_exit
    }

    /// Whether SIGKILL was sent to anyone who lived.
    pub(crate) fn were_killed(&self) -> bool {
        self.killed
    }

    /// Whether everyone known was sent SIGKILL.
    pub(crate) fn are_doomed(&self) -> bool {
        self.fate == Fate::Doomed
    }

    /// Whether nothing was sent by number.
    pub(crate) fn race_free(&self) -> bool {
        self.race_free
    }

    pub(crate) fn proof(&self) -> Proof {
        let Seen { sight, has_gaps, ref unverified, kin, .. } = self.seen;
        let is_seen = sight == Sight::All && unverified.is_empty() && kin.is_none();
        let is_told = self.living.is_empty() && self.who_lives_unseen() == Living::Nobody;
        match &self.bounds {
            _ if self.root.method() == Method::Pid => Proof::BestEffort,
            Bounds::Process => Proof::Process,
            Bounds::Group if is_seen && (is_told || !self.living.is_empty() && !has_gaps) => Proof::Group,
            // Of one that was over before it was a target nothing is known.
            Bounds::Tree(_) if self.root.method() == Method::Gone => Proof::BestEffort,
            Bounds::Tree(tree) if is_seen && (is_told || !self.living.is_empty()) && !has_gaps => {
                tree.proof()
            }
            _ => Proof::BestEffort,
        }
    }

    /// Lets go of those that are over. True: there were any.
    pub(crate) fn refresh(&mut self) -> bool {
        let over = self.living.extract_if(.., |member| !is_alive(&member.target));
        let over: Vec<_> = over.map(|member| (member.target.pid(), member.target)).collect();
        self.ended += over.len();
        if !over.is_empty() {
            self.root_exit();
        }
        let any = !over.is_empty();
        self.over.extend(over);
        any
    }

    pub(crate) fn who_lives(&self) -> Living {
        if self.living.iter().any(|member| !member.is_untouchable()) {
            Living::Some
        } else if !self.living.is_empty() {
            Living::Untouchables
        } else if !self.seen.unverified.is_empty() {
            Living::Unverified
        } else {
            self.who_lives_unseen()
        }
    }

    /// Who could be seen by the last look.
    pub(crate) fn sight(&self) -> Sight {
        self.seen.sight
    }

    /// Whether somebody may have been overlooked by the last look.
    pub(crate) fn have_gaps(&self) -> bool {
        self.seen.has_gaps
    }

    /// Whether nobody is seen, and those that the kernel speaks of may all have been over before: another look tells.
    pub(crate) fn are_hearsay(&self) -> bool {
        self.seen.unverified.is_empty() && self.seen.has_gaps && self.seen.sight != Sight::None
    }

    /// A group of which nobody is seen may still have members: hidden ones, or such that fork and exit faster than one can
    /// look. The kernel knows whether it has any; but a zombie is one, too.
    fn who_lives_unseen(&self) -> Living {
        if self.zombies_explain_it() { Living::Nobody } else { self.who_is_there() }
    }

    /// Whether the group can't have members but those that are over, though the kernel says that it has some.
    fn zombies_explain_it(&self) -> bool {
        let Seen { sight, has_gaps, zombies, .. } = self.seen;
        match sight {
            // Who may not be seen may not be signalled, as a rule: he is not waited for.
            Sight::All | Sight::Own => zombies > 0 && (!has_gaps || self.group_killed),
            Sight::None => self.group_killed,
        }
    }

    /// What the kernel says of the group, zombies and all; and what can't be known of a tree in which they come and go.
    pub(crate) fn who_is_there(&self) -> Living {
        let by_group = self.who_is_in_group();
        match self.bounds {
            Bounds::Tree(_) if by_group == Living::Nobody && self.seen.has_gaps => Living::Unverified,
            _ => by_group,
        }
    }

    fn who_is_in_group(&self) -> Living {
        if !self.has_group() {
            return Living::Nobody;
        }
        match self.root.signal_group(Signal::PROBE) {
            Ok(Delivery::Delivered) => Living::Some,
            Ok(Delivery::Gone) | Err(Error::NotGroupLeader(_)) => Living::Nobody,
            Err(error) if error.is_not_permitted() => Living::Untouchables,
            // Some group has the number, and nothing tells any more whether that is its own.
            Err(_) => Living::Unverified,
        }
    }

    /// Whether what is sent to the root's group goes to those in scope only.
    pub(super) fn has_group(&self) -> bool {
        self.me.is_none()
            && match &self.bounds {
                Bounds::Process => false,
                Bounds::Group => true,
                Bounds::Tree(tree) => tree.leads_group(),
            }
    }

    /// Takes in who else is in scope. The newcomers stand last among the living, from the place on that is given back.
    pub(crate) fn look(&mut self, listing: &Listing) -> usize {
        if let Bounds::Group = self.bounds {
            // However long this takes on a busy machine.
            listing.look_at_groups();
        }
        self.look_until(listing, Instant::now() + LONGEST_LOOK)
    }

    /// A look that ends by then.
    pub(crate) fn look_until(&mut self, listing: &Listing, deadline: Instant) -> usize {
        let known = self.living.len();
        if self.are_doomed() && self.are_all() && self.seen.unverified.is_empty() {
            // Nobody has come since all were sent SIGKILL, and those who are over were seen alive. (Who can't be told to be in
            // scope was sent nothing, and is followed by looks only.)
            let group = self.root.pid();
            let is_zombie =
                |over: &&Arc<KillTarget>| over.is_unreaped() && sys::group_of(over.pid()) == Some(group);
            self.seen.zombies = self.over.values().filter(is_zombie).count();
            return known;
        }
        self.find_me();
        let Self { root, bounds, living, me, over, with_kin, .. } = self;
        let look = Look { root, living, me: me.as_ref(), with_kin: *with_kin, over, listing, deadline };
        let (last_pid, found) = match bounds {
            Bounds::Process => return known,
            Bounds::Group => (None, group::look(&look)),
            Bounds::Tree(tree) => (sys::last_pid(), tree.look(&look)),
        };
        let Found { newcomers, seen, over } = found;
        self.last_pid = last_pid.filter(|_| !seen.has_gaps);
        (self.seen, self.over) = (seen, over);
        for target in newcomers {
            self.admit(target);
        }
        known
    }

    /// Whether the last look has shown everyone, and nobody was started since it began.
    pub(crate) fn are_all(&self) -> bool {
        self.last_pid.is_some() && sys::last_pid() == self.last_pid
    }

    fn admit(&mut self, target: Arc<KillTarget>) {
        if target.pid() == sys::own_pid() {
            self.me.get_or_insert(target);
            return;
        }
        self.race_free &= target.race_free();
        if self.are_doomed() {
            self.fate = Fate::Open;
        }
        self.living.push(Member::new(target));
    }

    /// Those whose ends are to be told. Once all were sent SIGKILL one of them is enough at a time: what counts is when the
    /// last is over.
    pub(crate) fn awaited(&mut self) -> impl Iterator<Item = &mut Member> {
        let last = self.living.len().saturating_sub(1);
        let (root, are_doomed) = (self.root.pid(), self.are_doomed());
        let is_awaited =
            move |place: usize, member: &Member| !are_doomed || place == last || member.target.pid() == root;
        let members = self.living.iter_mut().enumerate();
        members.filter_map(move |(place, member)| is_awaited(place, member).then_some(member))
    }

    /// Those that could not be stopped.
    pub(crate) fn unstopped(&self) -> Vec<ProcessInfo> {
        let unstopped =
            self.living.iter().filter(|member| member.is_untouchable() || member.motion() != Motion::Stopped);
        unstopped.map(|member| member.target.info()).chain(self.seen.unverified.iter().cloned()).collect()
    }

    /// Those that live on, and why.
    pub(crate) fn survivors(&self) -> Vec<Survivor> {
        let living = self.living.iter().map(|member| member.survivor(self.killed));
        let unverified = self.seen.unverified.iter().cloned();
        living.chain(unverified.map(|process| Survivor { process, reason: Reason::Unverified })).collect()
    }
}
