//! What is true of a termination, as only the simulated kernel knows it.

use super::{
    case::Case,
    kernel::{Id, World},
};
use crate::{
    scope::survivor::Proof,
    types::{Exit, Scope, Signal},
};

/// Processes that live, were stopped by the termination, and do not go on.
pub(super) fn left_stopped(world: &World) -> Vec<Id> {
    let is_left = |(id, signal): &&(Id, Signal)| {
        let process = world.get(*id);
        *signal == Signal::STOP
            && process.is_alive()
            && !process.has_kill
            && (process.is_stopped || process.has_stop)
            && world.may_be_sent(*id, Signal::CONT)
    };
    world.sent.iter().filter(is_left).map(|(id, _)| *id).collect()
}

/// What had escaped before the call, by id: the process itself, or one that it descends from.
pub(super) struct Snapshot {
    /// It was reparented.
    pub(super) reparented: Vec<bool>,
    /// It was reparented and had left the root's session.
    pub(super) left_session: Vec<bool>,
}

impl Snapshot {
    pub(super) fn take() -> Self {
        World::with(|world| {
            let (mut reparented, mut left_session) = (Vec::new(), Vec::new());
            for id in world.ids() {
                let process = world.get(id);
                let is_orphan = process.parent != process.born_of || !is_parent_alive(world, id);
                let parent = |escaped: &[bool]| escaped.get(process.born_of).copied().unwrap_or(false);
                let is_of_tree = process.is_of_tree && id != world.root;
                reparented.push(is_of_tree && (is_orphan || parent(&reparented)));
                let has_left = is_orphan && process.session != world.root;
                left_session.push(is_of_tree && (has_left || parent(&left_session)));
            }
            Self { reparented, left_session }
        })
    }

    pub(super) fn was_reparented(&self, id: Id) -> bool {
        self.reparented.get(id).copied().unwrap_or(false)
    }

    /// Whether a process was there at the call.
    fn has(&self, id: Id) -> bool {
        id < self.reparented.len()
    }

    pub(super) fn had_left_session(&self, id: Id) -> bool {
        self.left_session.get(id).copied().unwrap_or(false)
    }
}

pub(super) fn is_parent_alive(world: &World, id: Id) -> bool {
    world.get(world.get(id).born_of).is_alive()
}

/// Whether a process came into scope after the last scan had begun. A report speaks of that scan. The child of a parent that
/// SIGKILL ended is no such process: the termination must not lose it. In scope `group` it may miss a child that joins the group
/// later.
pub(super) fn came_too_late(world: &World, scope: Scope, id: Id) -> bool {
    let process = world.get(id);
    let has_joined = scope == Scope::Group && process.has_joined;
    let is_of_killed = world.get(process.born_of).exit == Exit::Signal(Signal::KILL);
    process.came_into_scope > world.last_list && (has_joined || !is_of_killed)
}

/// Whether a process that lives is in scope, by the truth.
pub(super) fn is_in_scope(world: &World, scope: Scope, id: Id) -> bool {
    let process = world.get(id);
    let is_in_group = process.group == world.root;
    // What got SIGKILL ends as soon as the kernel lets it.
    process.is_alive()
        && !process.has_kill
        && match scope {
            Scope::Process => id == world.root,
            Scope::Group => is_in_group,
            Scope::Tree => process.is_of_tree || is_in_group,
        }
}

/// Whether a proof leaves it open that this process lives, as the table of `docs/tree.md` has it.
///
/// One case goes beyond the table: an orphan that was reparented to the root's own parent and is in the root's group cannot
/// be told from what that parent has put into the group. Its children outside the group are not looked for.
pub(super) fn may_have_escaped(world: &World, case: &Case, before: &Snapshot, proof: Proof, id: Id) -> bool {
    // A tree that does nothing by itself is found whole, but for what had escaped before the call.
    let is_quiet = case.during.is_empty();
    // What has escaped takes its descendants with it, whatever these lead or are in.
    let any_orphan = |has_escaped: &dyn Fn(Id) -> bool| {
        std::iter::once(id)
            .chain(ancestors_of(world, id))
            .any(|id| is_orphan(world, before, id) && has_escaped(id))
    };
    match proof {
        Proof::BestEffort => true,
        Proof::Process => false,
        // One pass over everything finds the root's session, whatever has become of the parents.
        Proof::Session if world.get(id).session == world.root => false,
        Proof::Session if is_quiet => before.had_left_session(id),
        Proof::Session => {
            any_orphan(&|id| world.get(id).session != world.root) || before.had_left_session(id)
        }
        Proof::Group if case.scope == Scope::Group => false,
        Proof::Group if is_quiet => before.was_reparented(id) && world.get(id).group != world.root,
        Proof::Group => {
            let is_ambiguous = case.is_caller_subreaper && world.get(id).group != world.root;
            any_orphan(&|id| world.get(id).group != world.root || is_ambiguous)
        }
        Proof::Kernel | Proof::Reaper => unreachable!("the simulation has no guards"),
        Proof::Descendants => any_orphan(&|_| true) || before.was_reparented(id),
    }
}

/// Whether a process of the tree lost its parent by that one's own exit. A parent that SIGKILL ended was in the hands of
/// the termination, which must not lose its children. Nor must it lose those that were there at the call, where SIGTERM
/// ended the parent: only the termination sends that.
fn is_orphan(world: &World, before: &Snapshot, id: Id) -> bool {
    let process = world.get(id);
    let parent = world.get(process.born_of);
    let is_lost_by_termination = match parent.exit {
        Exit::Signal(signal) if signal == Signal::KILL => true,
        Exit::Signal(signal) if signal == Signal::TERM => before.has(id),
        _ => false,
    };
    process.is_of_tree && id != world.root && !parent.is_alive() && !is_lost_by_termination
}

/// The processes that a process of the tree descends from by birth, up to the root.
pub(super) fn ancestors_of(world: &World, id: Id) -> impl Iterator<Item = Id> + '_ {
    let above =
        move |id: &Id| (world.get(*id).is_of_tree && *id != world.root).then(|| world.get(*id).born_of);
    std::iter::successors(above(&id), above)
}
