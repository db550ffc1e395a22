//! A random tree, all that happens to it, and how it is terminated.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;

use super::kernel::{Id, World};
use crate::{
    scope::recipients::Recipients,
    terminate::{
        escalation::{Plan, Step},
        request::Request,
    },
    types::{Scope, Signal},
};

/// What the root leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    Nothing,
    Group,
    Session,
}

/// A tree and all that happens to it. Actions are numbers that `actions` reads.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(super) struct Case {
    pub(super) leads: Leads,
    pub(super) is_caller_subreaper: bool,
    /// Whether Linux tells that a group or session has a number.
    pub(super) tells_numbers: bool,
    /// Whether scans look at each process.
    pub(super) has_few_processes: bool,
    pub(super) scope: Scope,
    pub(super) is_polite: bool,
    /// Which process is left alone, of those that the tree has at the call.
    pub(super) except: Option<prop::sample::Index>,
    /// What happens before the target is opened.
    pub(super) before: Vec<u32>,
    /// What happens before the call.
    pub(super) between: Vec<u32>,
    /// What happens between any two calls of the termination.
    pub(super) during: Vec<u32>,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let leads = prop_oneof![Just(Leads::Nothing), Just(Leads::Group), Just(Leads::Session)];
    let scope = prop_oneof![1 => Just(Scope::Process), 2 => Just(Scope::Group), 5 => Just(Scope::Tree)];
    let actions = |most: usize| prop::collection::vec(any::<u32>(), 0..most);
    // Some trees do nothing by themselves during the call.
    let during = prop_oneof![1 => Just(Vec::new()), 2 => actions(40), 2 => actions(400)];
    let facts = (any::<bool>(), any::<bool>(), any::<bool>());
    let except = prop_oneof![2 => Just(None), 1 => any::<prop::sample::Index>().prop_map(Some)];
    (leads, facts, scope, (any::<bool>(), except), actions(40), actions(20), during).prop_map(
        |(
            leads,
            (is_caller_subreaper, tells_numbers, has_few_processes),
            scope,
            (is_polite, except),
            before,
            between,
            during,
        )| Case {
            leads,
            is_caller_subreaper,
            tells_numbers,
            has_few_processes,
            scope,
            is_polite,
            except,
            before,
            between,
            during,
        },
    )
}

/// Starts the root, which the caller has as its child.
pub(super) fn start(case: &Case) -> Id {
    World::with(|world| {
        (world.tells_numbers, world.has_few_processes) = (case.tells_numbers, case.has_few_processes);
        let caller = world.caller;
        world.get_mut(caller).is_subreaper = case.is_caller_subreaper;
    });
    start_root(case.leads)
}

pub(super) fn start_root(leads: Leads) -> Id {
    World::with(|world| {
        let root = world.fork(world.caller).unwrap();
        adopt_root(world, root);
        match leads {
            Leads::Nothing => {}
            Leads::Group => world.setpgid(root, root),
            Leads::Session => world.setsid(root),
        }
        root
    })
}

/// Notes which processes are in scope by the truth: the root, its descendants, and its group.
pub(super) fn adopt_root(world: &mut World, root: Id) {
    world.root = root;
    for id in world.ids() {
        let process = world.get(id);
        let is_of_tree =
            id == root || process.born_of != id && id > root && world.get(process.born_of).is_of_tree;
        let is_in_group = process.group == root;
        let process = world.get_mut(id);
        (process.is_of_tree, process.was_in_root_group) = (is_of_tree, is_in_group);
    }
}

pub(super) fn run_all(actions: &[u32]) {
    World::with(|world| {
        world.actions = actions.iter().copied().collect();
        for _ in actions {
            world.step();
        }
    });
}

/// Picks the process that is left alone: the root's tree and group have it now, and it is not the root.
pub(super) fn except(case: &Case) -> Option<Id> {
    World::with(|world| {
        let is_of_scope = |id: &Id| {
            let process = world.get(*id);
            *id != world.root && process.is_unreaped() && (process.is_of_tree || process.was_in_root_group)
        };
        let candidates: Vec<_> = world.ids().filter(is_of_scope).collect();
        let picked = case.except.filter(|_| !candidates.is_empty()).map(|index| *index.get(&candidates));
        world.excepted.extend(picked);
        picked
    })
}

pub(super) fn request<P>(case: &Case, except: Vec<Arc<P>>) -> Request<P> {
    let step =
        Step { signals: vec![Signal::TERM], grace: Some(Duration::from_millis(300)), to: Recipients::All };
    let steps = if case.is_polite { vec![step] } else { Vec::new() };
    let plan = Plan { steps, kill: true, timeout: Some(Duration::from_secs(2)) };
    Request { except, ..Request::new(case.scope, plan) }
}
