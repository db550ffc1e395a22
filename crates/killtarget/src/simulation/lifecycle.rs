//! How processes begin and end in the simulated kernel, and which sessions and groups they take.

use super::kernel::{Id, Leader, Process, State, World};
use crate::types::{Exit, Pid};

/// Pids are few, so that they are reused soon.
const MAX_PID: i32 = 60;

/// Fewer starts than these reuse no pid.
const MAX_STARTS: i32 = 20;

/// More processes than that are not started.
const MAX_PROCESSES: usize = 40;

/// A fork that has its pid, and shows no process yet.
#[derive(Clone, Copy)]
pub(crate) struct BegunFork {
    parent: Id,
    pid: Pid,
    birth: Pid,
}

impl World {
    /// Starts a process. `None`: there are too many.
    pub(crate) fn fork(&mut self, parent: Id) -> Option<Id> {
        let fork = self.begin_fork(parent)?;
        Some(self.finish_fork(fork))
    }

    /// Assigns the pid of a process that is about to be started.
    pub(crate) fn begin_fork(&mut self, parent: Id) -> Option<BegunFork> {
        let alive = self.processes.iter().filter(|process| process.is_unreaped()).count();
        if alive >= MAX_PROCESSES {
            return None;
        }
        let pid = self.free_pid()?;
        self.forks += 1;
        self.begun_forks.push(pid);
        Some(BegunFork { parent, pid, birth: Pid::new(self.forks).unwrap() })
    }

    /// Shows the process of a fork.
    pub(crate) fn finish_fork(&mut self, BegunFork { parent, pid, birth }: BegunFork) -> Id {
        self.begun_forks.retain(|begun| *begun != pid);
        let from = self.get(parent).clone();
        let id = self.processes.len();
        let child = Process {
            pid,
            state: State::Running,
            parent,
            born_of: parent,
            started: self.ticks(),
            birth,
            came_into_scope: self.elapsed,
            has_joined: false,
            exit: Exit::Unknown,
            is_stopped: false,
            has_kill: false,
            has_stop: false,
            has_term: false,
            is_subreaper: false,
            ignores_term: from.ignores_term && parent != self.caller,
            is_uninterruptible: false,
            guard_role: None,
            is_traced: false,
            unreadable: 0,
            was_asked: false,
            is_clean_up: from.was_asked || from.is_clean_up,
            is_of_tree: from.is_of_tree,
            was_group_orphan: false,
            was_in_root_group: from.was_in_root_group && self.is_in_root_group(parent),
            ..from
        };
        self.processes.push(child);
        self.note(|| format!("{parent} forks {id}, pid {pid}"));
        id
    }

    /// No pid is given again that a process has, or that a group or session with members has as its number.
    fn free_pid(&mut self) -> Option<Pid> {
        for _ in 0..MAX_PID {
            let number = self.next_pid;
            self.next_pid = if number == MAX_PID { 4 } else { number + 1 };
            let pid = Pid::new(number).unwrap();
            if !self.is_pinned(pid) {
                return Some(pid);
            }
        }
        None
    }

    /// The next process is given a pid near this.
    pub(super) fn turn_pids(&mut self, number: i32) {
        self.next_pid = 4 + number.rem_euclid(MAX_PID - 3);
    }

    /// How many processes the machine has started.
    pub(super) fn starts(&self) -> i32 {
        self.forks + self.other_starts
    }

    /// Whether so few processes were started since a count that no other has been given the pid.
    pub(super) fn keeps_number(&self, id: Id, starts: i32) -> bool {
        // An action may turn the pids, which only a privileged process does.
        let is_reused = self.ids().skip(id + 1).any(|other| self.get(other).pid == self.get(id).pid);
        self.starts() - starts < MAX_STARTS && !self.get(id).is_unreaped() && !is_reused
    }

    fn is_pinned(&self, pid: Pid) -> bool {
        self.begun_forks.contains(&pid)
            || self.ids().any(|id| {
                let process = self.get(id);
                let is_open = self.system.handles_pin_pids() && self.is_open(id);
                let has = |leader: Id| self.get(leader).pid == pid;
                (process.is_unreaped() && (process.pid == pid || has(process.group) || has(process.session)))
                    || is_open && process.pid == pid
            })
    }

    /// Returns whether a handle on the process is open.
    pub(crate) fn is_open(&self, id: Id) -> bool {
        self.handles.get(&id).is_some_and(|open| *open > 0)
    }

    /// Ends a process. Its children are reparented, unless they keep their parent.
    pub(crate) fn exit(&mut self, id: Id, exit: Exit) {
        // Where orphans keep their parent there are no zombies either.
        self.note(|| format!("{id} exits: {exit:?}"));
        let keeps_ppid = self.system.orphans_keep_ppid();
        let process = self.get_mut(id);
        process.state = if keeps_ppid { State::Reaped } else { State::Zombie };
        process.exit = exit;
        if keeps_ppid {
            return;
        }
        let reaper = self.reaper_of(id);
        for child in self.ids() {
            if self.get(child).parent == id && child != id {
                self.get_mut(child).parent = reaper;
                // The kernel continues the stopped members of a group that becomes orphaned.
                self.get_mut(child).is_stopped = false;
                self.note_group_orphan(child);
            }
        }
    }

    /// `PR_SET_CHILD_SUBREAPER`, prctl(2).
    fn reaper_of(&self, id: Id) -> Id {
        let mut ancestor = self.get(id).parent;
        while ancestor != self.init && !(self.get(ancestor).is_subreaper && self.get(ancestor).is_alive()) {
            ancestor = self.get(ancestor).parent;
        }
        ancestor
    }

    pub(crate) fn reap(&mut self, id: Id) {
        if self.get(id).state == State::Zombie {
            self.get_mut(id).state = State::Reaped;
            self.note(|| format!("{id} is reaped"));
        }
    }

    /// Init and the shell reap at once what is reparented to them.
    pub(super) fn reap_orphans(&mut self) {
        for id in self.ids() {
            let process = self.get(id);
            if process.state == State::Zombie && process.parent != process.born_of {
                self.reap(id);
            }
        }
    }

    pub(crate) fn setsid(&mut self, id: Id) {
        let is_settled = id == self.root && self.is_root_settled;
        if self.system.has_groups() && !is_settled && self.get(id).group != id && !self.has_members(id) {
            let process = self.get_mut(id);
            (process.group, process.session) = (id, id);
            self.note(|| format!("{id} takes a session"));
        }
    }

    /// Joins a group of the same session, or makes one.
    pub(crate) fn setpgid(&mut self, id: Id, group: Leader) {
        let process = self.get(id);
        if id == self.root && self.is_root_settled {
            return;
        }
        let is_own = group == id;
        let exists =
            is_own || self.has_members(group) && self.session_of_group(group) == Some(process.session);
        if self.system.has_groups() && process.session != id && exists {
            let is_new = process.group != group;
            self.get_mut(id).group = group;
            self.note(|| format!("{id} joins group {group}"));
            if is_new && self.is_in_root_group(id) {
                let elapsed = self.elapsed;
                let process = self.get_mut(id);
                (process.was_in_root_group, process.has_joined) = (true, true);
                process.came_into_scope = elapsed;
                self.note_group_orphan(id);
            }
        }
    }

    fn note_group_orphan(&mut self, id: Id) {
        let is_orphan = self.get(id).parent != self.get(id).born_of && self.is_in_root_group(id);
        self.get_mut(id).was_group_orphan |= is_orphan;
    }

    pub(super) fn is_in_root_group(&self, id: Id) -> bool {
        self.root != usize::MAX && self.get(id).group == self.root
    }

    fn session_of_group(&self, group: Leader) -> Option<Leader> {
        let member = self.processes.iter().find(|process| process.is_unreaped() && process.group == group);
        member.map(|member| member.session)
    }

    /// Whether a group has members, zombies included.
    pub(crate) fn has_members(&self, group: Leader) -> bool {
        self.processes.iter().any(|process| process.is_unreaped() && process.group == group)
    }

    /// Whether the group with a number has members, zombies included.
    pub(super) fn has_group_with(&self, number: Pid) -> bool {
        self.processes.iter().any(|process| process.is_unreaped() && self.get(process.group).pid == number)
    }

    /// Whether a session has members, zombies included.
    pub(super) fn has_session(&self, session: Leader) -> bool {
        self.processes.iter().any(|process| process.is_unreaped() && process.session == session)
    }

    /// The process that has the pid now, be it a zombie.
    pub(super) fn find(&self, pid: Pid) -> Option<Id> {
        self.ids().find(|id| self.get(*id).is_unreaped() && self.get(*id).pid == pid)
    }
}
