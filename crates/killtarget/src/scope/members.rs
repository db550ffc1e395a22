//! Who is in scope: found, each held by a handle of its own, and signalled through that. Nobody is signalled who was
//! not seen, through its handle, to be in scope.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    group,
    kernel::Kernel,
    member::Member,
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Exited, Scan, ScanResult, ScanSummary},
    tree::Tree,
};
use crate::{
    sys::{IdOwner, Visibility},
    types::{Error, Exit, Pid, Scope},
};

/// How long one look may take. Who was not seen by then is seen by the next.
const SCAN_TIMEOUT: Duration = Duration::from_millis(500);

/// How often to look for descendants, where somebody always has come meanwhile.
const MAX_SCANS: usize = 8;

/// Everyone in scope who lives, and what has become of the others.
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(crate) struct Members<T: ProcessTable = Kernel> {
    pub(super) root: Arc<T::Process>,
    pub(super) bounds: Bounds<T>,
    /// Whether the calling process, its ancestors and pid 1 may be among them.
    pub(super) allow_protected: bool,
    /// The root first, and parents before their children.
    pub(super) living: Vec<Member<T>>,
    /// The calling process, where it is in scope: it is not among the others, and comes last.
    pub(super) caller: Option<Arc<T::Process>>,
    pub(super) ended: usize,
    /// Who was over already when the next look begins.
    pub(super) exited: Exited<T::Process>,
    /// How the root has ended, from the first moment on that it could be known: later it may not be.
    pub(super) root_exit: Option<Exit>,
    /// Whether SIGKILL was sent to anyone who lived.
    pub(super) sent_sigkill: bool,
    /// Whether it was sent to all of the group in one step, which nobody who was in it outlives.
    pub(super) group_killed: bool,
    pub(super) kill_phase: KillPhase,
    pub(super) race_free: bool,
    pub(super) summary: ScanSummary,
    /// The number given away last before the last look, if that has shown everyone.
    pub(super) last_pid: Option<Pid>,
}

/// What awaits those who live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KillPhase {
    NotStarted,
    /// They are stopped to be killed: whoever is not is to go on.
    Stopped,
    /// All of them were sent SIGKILL.
    Signalled,
}

/// How far the scope goes.
pub(super) enum Bounds<T: ProcessTable> {
    Process,
    Group,
    Tree(Tree<T>),
}

impl<T: ProcessTable> From<Scope> for Bounds<T> {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Process => Self::Process,
            Scope::Group => Self::Group,
            Scope::Tree => Self::Tree(Tree::new()),
        }
    }
}

impl<T: ProcessTable> Members<T> {
    /// The root, if it lives, and nobody else yet.
    pub(crate) fn new(root: &Arc<T::Process>, scope: Scope, allow_self: bool) -> Self {
        Self::with_bounds(root, scope.into(), allow_self)
    }

    fn with_bounds(root: &Arc<T::Process>, bounds: Bounds<T>, allow_protected: bool) -> Self {
        let mut members = Self {
            root: Arc::clone(root),
            bounds,
            allow_protected,
            living: Vec::new(),
            caller: None,
            ended: 0,
            exited: HashMap::new(),
            root_exit: None,
            sent_sigkill: false,
            group_killed: false,
            kill_phase: KillPhase::NotStarted,
            race_free: true,
            summary: ScanSummary::empty(Visibility::All),
            last_pid: None,
        };
        if root.may_be_alive() {
            members.admit(Arc::clone(root));
        } else {
            members.exited.insert(root.pid(), Arc::clone(root));
        }
        members.find_caller();
        members
    }

    /// Whether the calling process is in the group is not left to what can be seen: the group must not be signalled then.
    fn find_caller(&mut self) {
        let caller = T::own_pid();
        let is_in_scope = match self.bounds {
            Bounds::Process => false,
            Bounds::Group => true,
            Bounds::Tree(ref tree) => tree.includes_group_of(&self.root),
        } && T::group_of(caller) == Some(self.root.pid());
        if is_in_scope && self.caller.is_none() && self.root.group_owner() != IdOwner::Reused {
            // It is there for certain, and can't be another.
            self.caller = T::open_caller().map(Arc::new);
        }
    }

    /// Who is seen to be in scope now.
    pub(crate) fn scan_once(root: &Arc<T::Process>, scope: Scope, allow_self: bool) -> Self {
        let mut members = Self::new(root, scope, allow_self);
        members.scan(&T::list());
        members
    }

    /// Everyone who is in scope now.
    pub(crate) fn find(root: &Arc<T::Process>, scope: Scope, allow_self: bool) -> Self {
        let mut members = Self::new(root, scope, allow_self);
        members.scan_until_complete();
        members
    }

    /// The root and whoever descends from it now, be that the calling process.
    pub(crate) fn find_descendants(root: &Arc<T::Process>) -> Self {
        let mut members = Self::with_bounds(root, Bounds::Tree(Tree::of_descendants()), true);
        members.scan_until_complete();
        members
    }

    /// Looks through a tree until a look has shown nobody new, and everyone there is. A group is seen at one look.
    fn scan_until_complete(&mut self) {
        for _ in 0..MAX_SCANS {
            let first_latecomer = self.scan(&T::list());
            let is_tree = matches!(self.bounds, Bounds::Tree(_));
            if !is_tree || first_latecomer == self.living.len() && !self.has_gaps() || self.is_complete() {
                break;
            }
        }
    }

    /// Whether anyone but the root can be in scope.
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

    /// Whether the calling process, its ancestors and pid 1 may be among them.
    pub(crate) fn allows_protected(&self) -> bool {
        self.allow_protected
    }

    pub(crate) fn living(&self) -> &[Member<T>] {
        &self.living
    }

    pub(crate) fn living_mut(&mut self) -> &mut [Member<T>] {
        &mut self.living
    }

    /// Why a call is to be refused that has sent nothing yet: one who is protected was found among them by the last look, and
    /// left alone.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.summary.protected.map(|holds| Error::Protected { pid: self.root.pid(), holds })
    }

    pub(crate) fn caller(&self) -> Option<&Arc<T::Process>> {
        self.caller.as_ref()
    }

    /// Whether everyone known was sent SIGKILL.
    pub(crate) fn all_sent_sigkill(&self) -> bool {
        self.kill_phase == KillPhase::Signalled
    }

    /// Who could be seen by the last look.
    pub(crate) fn visibility(&self) -> Visibility {
        self.summary.visibility
    }

    /// Whether somebody may have been overlooked by the last look.
    pub(crate) fn has_gaps(&self) -> bool {
        self.summary.has_gaps
    }

    /// Whether what is sent to the root's group goes to those in scope only.
    pub(super) fn has_group(&self) -> bool {
        self.caller.is_none()
            && match &self.bounds {
                Bounds::Process => false,
                Bounds::Group => true,
                Bounds::Tree(tree) => tree.leads_group(),
            }
    }

    /// Takes in who else is in scope. The newcomers stand last among the living, from the place on that is given back.
    pub(crate) fn scan(&mut self, process_list: &T::List) -> usize {
        if let Bounds::Group = self.bounds {
            // However long this takes on a busy machine.
            process_list.read_groups();
        }
        self.scan_until(process_list, T::now() + SCAN_TIMEOUT)
    }

    /// A look that ends by then.
    pub(crate) fn scan_until(&mut self, process_list: &T::List, deadline: Instant) -> usize {
        let known = self.living.len();
        if self.all_sent_sigkill() && self.is_complete() && self.summary.unverified.is_empty() {
            // Nobody has come since all were sent SIGKILL, and those who are over were seen alive. (Who can't be told to be in
            // scope was sent nothing, and is followed by looks only.)
            let group = self.root.pid();
            let is_zombie = |process: &&Arc<T::Process>| {
                process.is_unreaped() && T::group_of(process.pid()) == Some(group)
            };
            self.summary.zombies = self.exited.values().filter(is_zombie).count();
            return known;
        }
        self.find_caller();
        let Self { root, bounds, living, caller, exited, allow_protected, .. } = self;
        let scan = Scan {
            root,
            living,
            caller: caller.as_ref(),
            allow_protected: *allow_protected,
            exited,
            process_list,
            deadline,
        };
        let (last_pid, result) = match bounds {
            Bounds::Process => return known,
            Bounds::Group => (None, group::scan(&scan)),
            Bounds::Tree(tree) => (T::last_pid(), tree.scan(&scan)),
        };
        let ScanResult { latecomers, summary, exited } = result;
        self.last_pid = last_pid.filter(|_| !summary.has_gaps);
        (self.summary, self.exited) = (summary, exited);
        for target in latecomers {
            self.admit(target);
        }
        known
    }

    /// Whether the last look has shown everyone, and nobody was started since it began.
    pub(crate) fn is_complete(&self) -> bool {
        self.last_pid.is_some() && T::last_pid() == self.last_pid
    }

    fn admit(&mut self, target: Arc<T::Process>) {
        if target.pid() == T::own_pid() {
            self.caller.get_or_insert(target);
            return;
        }
        self.race_free &= target.race_free();
        if self.all_sent_sigkill() {
            self.kill_phase = KillPhase::NotStarted;
        }
        self.living.push(Member::new(target));
    }
}
