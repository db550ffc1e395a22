//! The simulated kernel: its processes, and what becomes of them.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use super::system::System;
use crate::{
    sys::Visibility,
    types::{Exit, GuardRole, Pid, Signal},
};

/// One process of the simulation. It is never given again.
pub(crate) type Id = usize;

/// A group or session: the process that made it, whose pid is its number.
pub(crate) type Leader = Id;

/// What one call takes.
const CALL: Duration = Duration::from_micros(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Zombie,
    Reaped,
}

#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a fact by itself
pub(crate) struct Process {
    pub(crate) pid: Pid,
    pub(super) state: State,
    /// The parent, or the subreaper that it was reparented to.
    pub(crate) parent: Id,
    /// The parent that has forked it.
    pub(crate) born_of: Id,
    pub(crate) group: Leader,
    pub(crate) session: Leader,
    /// In ticks.
    pub(super) started: u64,
    /// The count of forks, which stands for the pid in the order of pids.
    pub(super) birth: Pid,
    pub(crate) exit: Exit,
    pub(super) is_stopped: bool,
    /// Signals that were sent and have not taken effect.
    pub(super) has_kill: bool,
    pub(super) has_stop: bool,
    pub(super) has_term: bool,
    pub(super) ignores_term: bool,
    /// It was sent SIGTERM.
    pub(super) was_asked: bool,
    /// It was started after its parent was sent SIGTERM, or descends from such a process.
    pub(super) is_clean_up: bool,
    /// The caller may not signal it.
    pub(crate) is_not_permitted: bool,
    /// It waits in the kernel: no signal takes effect.
    pub(super) is_uninterruptible: bool,
    /// Its stops are tracing stops.
    pub(super) is_traced: bool,
    /// Which process of a guard it is.
    pub(crate) guard_role: Option<GuardRole>,
    /// Its threads come and go, so that its children cannot be read while it runs: for so many reads.
    pub(super) unreadable: u32,
    pub(crate) is_subreaper: bool,
    /// Whether it descends from the root by birth, or is the root.
    pub(crate) is_of_tree: bool,
    /// Whether it has been an orphan in the root's group.
    pub(super) was_group_orphan: bool,
    /// When it was forked, or joined the root's group.
    pub(super) came_into_scope: Duration,
    /// Whether it came into the root's group by `setpgid`, not by a fork.
    pub(super) has_joined: bool,
    /// Whether it has been a member of the group that the root leads or led, since the call began or before.
    pub(crate) was_in_root_group: bool,
}

impl Process {
    pub(crate) fn is_alive(&self) -> bool {
        self.state == State::Running
    }

    pub(super) fn is_unreaped(&self) -> bool {
        self.state != State::Reaped
    }

    /// Whether it can run code now.
    pub(crate) fn can_act(&self) -> bool {
        self.is_alive() && !self.is_stopped && !self.has_kill && !self.is_uninterruptible
    }
}

pub(crate) struct World {
    pub(super) system: System,
    pub(super) processes: Vec<Process>,
    pub(crate) init: Id,
    pub(crate) caller: Id,
    pub(crate) root: Id,
    begun: Instant,
    pub(super) elapsed: Duration,
    /// Whether the root keeps its group and session from now on.
    pub(super) is_root_settled: bool,
    /// When the last list of processes was begun.
    pub(super) last_list: Duration,
    /// How many processes were ever started.
    pub(super) forks: i32,
    /// The pids of the forks that have begun and that show no process yet.
    pub(super) begun_forks: Vec<Pid>,
    /// How many processes were started in other PID namespaces.
    pub(super) other_starts: i32,
    pub(super) next_pid: i32,
    /// Carries out an action.
    act: fn(&mut World, u32),
    /// What processes do on their own: one action for each call.
    pub(super) actions: VecDeque<u32>,
    /// How many handles are open on each, where these pin pids.
    pub(super) handles: HashMap<Id, usize>,
    /// Whether Linux tells that a group or session has the number of a process that was reaped: 6.14 to 6.18 do.
    pub(super) tells_numbers: bool,
    /// Whether scans look at each process, and not only at the children of some.
    pub(crate) has_few_processes: bool,
    /// Which processes can be listed.
    pub(super) visibility: Visibility,
    /// How many of the next reads fail.
    pub(crate) failing_reads: usize,
    /// How many of the next signals through a handle cannot be sent.
    pub(super) failing_sends: usize,
    /// SIGKILL to this process cannot be sent.
    pub(crate) failing_kill: Option<Id>,
    /// The processes that the call leaves alone, with what they have started.
    pub(super) excepted: Vec<Id>,
    /// Signals that reached a process out of scope.
    pub(crate) violations: Vec<String>,
    /// The signals that reached a process, in their order.
    pub(super) sent: Vec<(Id, Signal)>,
    /// The guards that were told that all were asked, and by which signal they were requested to ask.
    pub(crate) told: Vec<(Id, Option<Signal>)>,
    /// How many of the next guards cannot be told yet.
    pub(crate) failing_tells: usize,
    /// What has happened, where that is wanted.
    pub(super) trace: Option<String>,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Does something to the world of this thread.
pub(super) fn with<T>(act: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(|world| act(world.as_mut().expect("a world")))
}

impl World {
    /// Begins a world with init, a shell, the caller and no root, in place of that which this thread has.
    pub(crate) fn begin(system: System, act: fn(&mut Self, u32)) {
        let init = Self::first(1, 0, 0);
        let shell = Self::first(2, 1, 0);
        let mut caller = Self::first(3, 2, 1);
        caller.session = 1;
        let world = Self {
            system,
            processes: vec![init, shell, caller],
            init: 0,
            caller: 2,
            root: usize::MAX,
            begun: Instant::now(),
            elapsed: Duration::from_secs(1),
            is_root_settled: false,
            last_list: Duration::ZERO,
            forks: 3,
            begun_forks: Vec::new(),
            other_starts: 0,
            next_pid: 4,
            act,
            actions: VecDeque::new(),
            handles: HashMap::new(),
            tells_numbers: true,
            has_few_processes: false,
            visibility: Visibility::All,
            failing_reads: 0,
            failing_sends: 0,
            failing_kill: None,
            excepted: Vec::new(),
            violations: Vec::new(),
            sent: Vec::new(),
            told: Vec::new(),
            failing_tells: 0,
            trace: None,
        };
        WORLD.set(Some(world));
    }

    /// Does something to the world of this thread.
    pub(crate) fn with<T>(act: impl FnOnce(&mut Self) -> T) -> T {
        with(act)
    }

    /// A process that was there before all others. It leads a session.
    fn first(pid: i32, id: Id, parent: Id) -> Process {
        let id = if pid == 1 { 0 } else { id };
        Process {
            pid: Pid::new(pid).unwrap(),
            state: State::Running,
            parent,
            born_of: parent,
            group: if pid == 3 { 2 } else { id },
            session: id,
            started: 0,
            birth: Pid::INIT,
            exit: Exit::Unknown,
            is_stopped: false,
            has_kill: false,
            has_stop: false,
            has_term: false,
            ignores_term: true,
            is_not_permitted: false,
            is_uninterruptible: false,
            guard_role: None,
            is_traced: false,
            unreadable: 0,
            was_asked: false,
            is_clean_up: false,
            is_subreaper: pid == 1,
            is_of_tree: false,
            was_group_orphan: false,
            came_into_scope: Duration::ZERO,
            has_joined: false,
            was_in_root_group: false,
        }
    }

    /// Writes down what happens.
    pub(super) fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push_str(&what());
            trace.push('\n');
        }
    }

    pub(crate) fn get(&self, id: Id) -> &Process {
        &self.processes[id]
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> &mut Process {
        &mut self.processes[id]
    }

    pub(crate) fn ids(&self) -> std::ops::Range<Id> {
        0..self.processes.len()
    }

    pub(super) fn now(&self) -> Instant {
        self.begun + self.elapsed
    }

    pub(super) fn ticks(&self) -> u64 {
        u64::try_from(self.elapsed.as_nanos() / self.system.tick().as_nanos()).unwrap()
    }

    /// A call is made: time goes on, and any process may do something.
    pub(super) fn step(&mut self) {
        self.elapsed += CALL;
        match self.actions.pop_front() {
            Some(action) => (self.act)(self, action),
            // Nothing happens any more but what signals have begun.
            None => {
                self.settle_one();
            }
        }
    }

    /// The caller waits: what signals have begun comes to its end, and parents reap.
    pub(crate) fn wait(&mut self, duration: Duration) {
        for _ in 0..8 {
            self.step();
        }
        while self.settle_one() {}
        self.reap_orphans();
        self.elapsed += duration;
    }

    /// Lets one signal that is pending take effect.
    pub(super) fn settle_one(&mut self) -> bool {
        let next = self.ids().find(|id| self.is_due(*id));
        if let Some(id) = next {
            self.settle(id);
        }
        next.is_some()
    }

    pub(super) fn is_due(&self, id: Id) -> bool {
        let process = self.get(id);
        let has_signal = process.has_kill || process.has_stop || process.has_term && !process.is_stopped;
        process.is_alive() && !process.is_uninterruptible && has_signal
    }
}
