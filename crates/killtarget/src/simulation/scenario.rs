//! A small tree for the test of one module. Nothing happens in it but what the test asks for.

use std::{cell::RefCell, marker::PhantomData, sync::Arc, time::Duration};

use super::{
    case::{Leads, start_root},
    kernel::{Id, World},
    process::SimulatedProcess,
    system::{Simulation, System},
    table::Simulated,
};
use crate::{
    scope::{members::Members, process_table::ProcessTable},
    sys::Visibility,
    types::{Exit, Pid, Scope, Signal},
};

/// The shell that has started the caller.
const SHELL: Id = 1;

type Hook = Box<dyn FnMut(&mut World)>;

thread_local! {
    static AT_EACH_CALL: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

/// Runs a check for each system. A test that fails shows the system.
macro_rules! on_each_system {
    ($check:ident) => {{
        $crate::simulation::on_each_unix!($check);
        println!("on Windows");
        $check::<$crate::simulation::Windows>();
    }};
}

/// Runs a check for each system that has process groups and sessions.
macro_rules! on_each_unix {
    ($check:ident) => {{
        println!("on Linux");
        $check::<$crate::simulation::Linux>();
        println!("on Linux before 6.9");
        $check::<$crate::simulation::LinuxBefore69>();
        println!("on macOS");
        $check::<$crate::simulation::MacOs>();
    }};
}

pub(crate) use {on_each_system, on_each_unix};

/// A world with a root that the caller has started.
pub(crate) struct Scenario<S: Simulation> {
    pub(crate) root: Id,
    simulation: PhantomData<S>,
}

#[allow(clippy::unused_self)] // a world must have begun
impl<S: Simulation> Scenario<S> {
    pub(crate) fn new(leads: Leads) -> Self {
        AT_EACH_CALL.set(None);
        World::begin(S::SYSTEM, run_hook);
        Self { root: start_root(leads), simulation: PhantomData }
    }

    /// Starts a process.
    pub(crate) fn child_of(&self, parent: Id) -> Id {
        World::with(|world| world.fork(parent)).unwrap()
    }

    /// Starts a child of a process that exits at once and is reaped.
    pub(crate) fn orphan_of(&self, grandparent: Id) -> Id {
        let parent = self.child_of(grandparent);
        let orphan = self.child_of(parent);
        self.end(parent);
        orphan
    }

    /// Starts an orphan in a session of its own.
    pub(crate) fn daemon_of(&self, grandparent: Id) -> Id {
        let parent = self.child_of(grandparent);
        self.take_session(parent);
        let daemon = self.child_of(parent);
        self.end(parent);
        daemon
    }

    /// Starts a process that is not in the tree. The shell is its parent, as it is the caller's.
    pub(crate) fn stranger(&self) -> Id {
        self.child_of(SHELL)
    }

    /// Starts a process that is not in the tree, with the same parent as the root.
    pub(crate) fn sibling(&self) -> Id {
        self.child_of(World::with(|world| world.caller))
    }

    pub(crate) fn join_group(&self, id: Id, leader: Id) {
        World::with(|world| world.setpgid(id, leader));
        assert!(!S::SYSTEM.has_groups() || World::with(|world| world.get(id).group) == leader);
    }

    pub(crate) fn take_session(&self, id: Id) {
        World::with(|world| world.setsid(id));
    }

    pub(crate) fn exit(&self, id: Id) {
        World::with(|world| world.exit(id, Exit::Code(0)));
    }

    /// A process exits and is reaped.
    pub(crate) fn end(&self, id: Id) {
        World::with(|world| end(world, id));
    }

    /// A process may not be signalled from now on.
    pub(crate) fn forbid_signals_to(&self, id: Id) {
        World::with(|world| world.get_mut(id).is_not_permitted = true);
    }

    /// A process may be signalled, although its parent may not.
    pub(crate) fn permit_signals_to(&self, id: Id) {
        World::with(|world| world.get_mut(id).is_not_permitted = false);
    }

    /// A process goes on after SIGTERM.
    pub(crate) fn ignore_term(&self, id: Id) {
        World::with(|world| world.get_mut(id).ignores_term = true);
    }

    /// No signal takes effect on a process from now on.
    pub(crate) fn make_uninterruptible(&self, id: Id) {
        World::with(|world| world.get_mut(id).is_uninterruptible = true);
    }

    /// The stops of a process are tracing stops from now on. If its tracer discards each SIGSTOP, it continues the
    /// process some calls later.
    pub(crate) fn trace(&self, id: Id, discards_stops: bool) {
        World::with(|world| world.get_mut(id).is_traced = true);
        let mut calls = 0;
        self.at_each_call(move |world| {
            calls += 1;
            if discards_stops && calls % 7 == 0 {
                world.get_mut(id).is_stopped = false;
            }
        });
    }

    /// Each SIGSTOP to a process is undone at once, as if another process continued it.
    pub(crate) fn continue_at_each_call(&self, id: Id) {
        self.at_each_call(move |world| {
            let process = world.get_mut(id);
            (process.is_stopped, process.has_stop) = (false, false);
        });
    }

    /// Does something at each call from now on.
    pub(crate) fn at_each_call(&self, hook: impl FnMut(&mut World) + 'static) {
        AT_EACH_CALL.set(Some(Box::new(hook)));
        World::with(|world| world.actions = [0].into());
    }

    /// Does something once, after that many calls.
    pub(crate) fn after_calls(&self, calls: usize, act: impl FnOnce(&mut World) + 'static) {
        let (mut left, mut act) = (calls, Some(act));
        self.at_each_call(move |world| {
            if left == 0
                && let Some(act) = act.take()
            {
                act(world);
            }
            left = left.saturating_sub(1);
        });
    }

    /// No process can be listed any more.
    pub(crate) fn hide_processes(&self) {
        World::with(|world| world.visibility = Visibility::None);
    }

    /// One read fails after that many calls.
    pub(crate) fn fail_read_after(&self, calls: usize) {
        self.after_calls(calls, |world| world.failing_reads = 1);
    }

    /// Starts so many processes in other PID namespaces that any pid may have been reused.
    pub(crate) fn start_many_elsewhere(&self) {
        World::with(|world| world.other_starts += 1000);
    }

    /// Ends the root. Its number is proved its own by a handle on the group or session, or by the count of starts, unless
    /// there were `many`. Returns whether it is.
    pub(crate) fn end_root(&self, many: bool) -> bool {
        if many {
            self.start_many_elsewhere();
        }
        self.end(self.root);
        S::SYSTEM == System::Linux || S::SYSTEM == System::LinuxBefore69 && !many
    }

    /// So many signals cannot be sent, as without a free descriptor.
    pub(crate) fn fail_sends(&self, count: usize) {
        World::with(|world| world.failing_sends = count);
    }

    /// Nothing more happens at calls.
    pub(crate) fn calm(&self) {
        AT_EACH_CALL.set(None);
    }

    /// Time passes. Signals that were sent take effect.
    pub(crate) fn wait(&self, duration: Duration) {
        World::with(|world| world.wait(duration));
    }

    /// Returns every process that was ever started.
    pub(crate) fn ids(&self) -> std::ops::Range<Id> {
        World::with(|world| world.ids())
    }

    pub(crate) fn pid(&self, id: Id) -> Pid {
        World::with(|world| world.get(id).pid)
    }

    pub(crate) fn is_alive(&self, id: Id) -> bool {
        World::with(|world| world.get(id).is_alive())
    }

    pub(crate) fn is_stopped(&self, id: Id) -> bool {
        World::with(|world| world.get(id).is_stopped)
    }

    /// Returns the signals that were sent until now.
    pub(crate) fn sent(&self) -> Vec<(Id, Signal)> {
        World::with(|world| world.sent.clone())
    }

    /// Returns the processes that a signal was sent to, in that order.
    pub(crate) fn sent_to(&self, signal: Signal) -> Vec<Id> {
        self.sent().into_iter().filter(|(_, sent)| *sent == signal).map(|(id, _)| id).collect()
    }

    /// Opens the root.
    pub(crate) fn open(&self) -> Arc<SimulatedProcess<S>> {
        Arc::new(SimulatedProcess::open(self.pid(self.root)))
    }

    /// Finds the members of the root's scope.
    pub(crate) fn find(&self, scope: Scope) -> Members<Simulated<S>> {
        Members::find(&self.open(), scope, false)
    }

    /// Finds the members of the scope of a root that was opened before.
    pub(crate) fn find_from(&self, root: &Arc<SimulatedProcess<S>>, scope: Scope) -> Members<Simulated<S>> {
        Members::find(root, scope, false)
    }

    /// Finds the members of the root's scope that one scan shows.
    pub(crate) fn scan_once(&self, scope: Scope) -> Members<Simulated<S>> {
        Members::new(&self.open(), scope, false).scanned_once()
    }

    /// Scans again, without a limit of time. Returns the latecomers.
    pub(crate) fn rescan(&self, members: &mut Members<Simulated<S>>) -> Vec<Id> {
        let first = members.scan(&Simulated::<S>::list());
        ids(members).split_off(first)
    }
}

/// Returns the living members, in their order.
pub(crate) fn ids<S: Simulation>(members: &Members<Simulated<S>>) -> Vec<Id> {
    members.living().iter().filter_map(|member| member.target.id()).collect()
}

/// A process exits and is reaped.
pub(crate) fn end(world: &mut World, id: Id) {
    world.exit(id, Exit::Code(0));
    world.reap(id);
}

/// Ends a process. The shell starts another, which takes the pid if that is free. Returns the other process.
pub(crate) fn reuse_pid(world: &mut World, id: Id) -> Id {
    end(world, id);
    reuse_pid_for_child(world, id, SHELL)
}

/// A process starts a child, which takes the pid of a process that was reaped if that is free.
pub(crate) fn reuse_pid_for_child(world: &mut World, id: Id, parent: Id) -> Id {
    world.next_pid = world.get(id).pid.as_raw();
    world.fork(parent).unwrap()
}

fn run_hook(world: &mut World, _: u32) {
    world.settle_one();
    if let Some(mut hook) = AT_EACH_CALL.take() {
        hook(world);
        AT_EACH_CALL.set(Some(hook));
        world.actions.push_back(0);
    }
}
