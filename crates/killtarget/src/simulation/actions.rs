//! What processes do on their own between two calls. None continues a process that the termination has stopped: no system
//! can kill a tree whose stopped members another process continues at the right moment.

use super::kernel::{Id, World};
use crate::types::Exit;

/// Carries out an action, which is any number: what it is, which process does it, and on what.
pub(super) fn act(world: &mut World, action: u32) {
    let (kind, rest) = (action % 16, (action / 16) as usize);
    let (choice, detail) = (rest % 64, rest / 64);
    match kind {
        0 | 1 => with(world, choice, |world, id| fork(world, id, detail)),
        2 => with(world, choice, |world, id| world.exit(id, Exit::Code(7))),
        3 => with(world, choice, World::setsid),
        4 => with(world, choice, |world, id| world.setpgid(id, id)),
        5 => with(world, choice, |world, id| join(world, id, detail)),
        6 | 7 => reap(world, choice),
        8 | 9 => settle(world, choice),
        10 | 11 => fork_by_other(world, detail),
        // A double fork in one go: what a daemon does, and a comet.
        12 => with(world, choice, |world, id| daemonize(world, id, detail)),
        13 if detail.is_multiple_of(4) => world.failing_reads = 1 + detail / 4 % 3,
        13 if detail % 8 == 1 => with(world, choice, |world, id| run_threads(world, id, detail / 8)),
        14 if detail % 16 == 3 => change_user(world, choice),
        // Most calls see nothing change.
        _ => {}
    }
}

/// The processes that may act: none of the caller's line, and none that is stopped or about to be killed.
fn actors(world: &World) -> Vec<Id> {
    world.ids().filter(|id| *id > world.caller && world.get(*id).can_act()).collect()
}

fn with(world: &mut World, choice: usize, act: impl FnOnce(&mut World, Id)) {
    let actors = actors(world);
    if !actors.is_empty() {
        act(world, actors[choice % actors.len()]);
    }
}

fn fork(world: &mut World, parent: Id, detail: usize) {
    if detail.is_multiple_of(3) {
        world.turn_pids(i32::try_from(detail).unwrap_or(0));
    }
    let Some(child) = world.fork(parent) else { return };
    let is_of_tree = world.get(child).is_of_tree;
    let child = world.get_mut(child);
    child.ignores_term = detail % 4 == 1;
    child.is_not_permitted |= is_of_tree && detail % 37 == 5;
    child.is_uninterruptible = is_of_tree && detail % 41 == 6;
}

/// A process of the tree runs a set-user-id program, or another rule forbids signals to it. It may be stopped.
fn change_user(world: &mut World, choice: usize) {
    let members: Vec<_> =
        world.ids().filter(|id| world.get(*id).is_of_tree && world.get(*id).is_alive()).collect();
    if !members.is_empty() {
        world.get_mut(members[choice % members.len()]).is_not_permitted = true;
    }
}

/// Threads come and go for a while, or for longer than the search takes.
fn run_threads(world: &mut World, id: Id, detail: usize) {
    let reads = if detail.is_multiple_of(16) { u32::MAX } else { u32::try_from(detail % 16).unwrap_or(0) };
    world.let_threads_run(id, reads);
}

fn daemonize(world: &mut World, id: Id, detail: usize) {
    let Some(middle) = world.fork(id) else { return };
    if detail.is_multiple_of(2) {
        world.setsid(middle);
    }
    let _ = world.fork(middle);
    world.exit(middle, Exit::Code(0));
    if detail.is_multiple_of(3) {
        world.reap(middle);
    }
}

fn join(world: &mut World, id: Id, detail: usize) {
    // A shell puts its own children into a group. What an ancestor further up puts there cannot be told from an orphan.
    let is_relative = world.get(id).is_of_tree || world.get(id).parent == world.caller;
    // A leader does not leave its group.
    let is_leader = id == world.root && world.get(id).group == id;
    let may_join =
        |group: &Id| world.has_members(*group) && !is_leader && (is_relative || *group != world.root);
    let groups: Vec<_> = world.ids().filter(may_join).collect();
    if !groups.is_empty() {
        world.setpgid(id, groups[detail % groups.len()]);
    }
}

/// A zombie is reaped by its parent, if that is not stopped.
fn reap(world: &mut World, choice: usize) {
    let can_reap = |parent: Id| parent <= world.caller || world.get(parent).can_act();
    let is_zombie = |id: &Id| {
        let process = world.get(*id);
        process.is_unreaped() && !process.is_alive() && can_reap(process.parent)
    };
    let zombies: Vec<_> = world.ids().filter(is_zombie).collect();
    if !zombies.is_empty() {
        world.reap(zombies[choice % zombies.len()]);
    }
}

fn settle(world: &mut World, choice: usize) {
    let has_signal = |id: &Id| {
        let process = world.get(*id);
        process.is_alive() && (process.has_kill || process.has_stop || process.has_term)
    };
    let pending: Vec<_> = world.ids().filter(has_signal).collect();
    if !pending.is_empty() {
        world.settle(pending[choice % pending.len()]);
    }
}

/// Init, the shell or the caller starts a process that is not of the tree.
fn fork_by_other(world: &mut World, detail: usize) {
    world.turn_pids(i32::try_from(detail).unwrap_or(0));
    let Some(other) = world.fork(detail % 3) else { return };
    world.get_mut(other).ignores_term = false;
    match detail % 5 {
        0 | 1 => world.setsid(other),
        2 => world.setpgid(other, other),
        _ => {}
    }
}
