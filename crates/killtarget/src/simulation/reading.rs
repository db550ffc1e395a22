//! What the simulated kernel answers to a pid. Each answer is one call, before which processes may do something.

use super::kernel::{Id, World};
use crate::types::Pid;

impl World {
    /// The pids that are in use.
    pub(super) fn unreaped(&mut self) -> Vec<Pid> {
        self.step();
        self.ids()
            .map(|id| self.get(id))
            .filter(|process| process.is_unreaped())
            .map(|process| process.pid)
            .collect()
    }

    pub(super) fn group_of(&mut self, pid: Pid) -> Option<Pid> {
        self.step();
        let id = self.find(pid).filter(|_| self.system.has_groups())?;
        Some(self.get(self.get(id).group).pid)
    }

    pub(super) fn session_of(&mut self, pid: Pid) -> Option<Pid> {
        self.step();
        let id = self.find(pid).filter(|_| self.system.has_groups())?;
        let can_read = self.get(id).is_alive() || self.system.getsid_sees_zombies();
        can_read.then(|| self.get(self.get(id).session).pid)
    }

    /// As each system has it: where the session of a zombie cannot be read, one that leads a group may lead a session.
    pub(super) fn may_lead_session(&mut self, pid: Pid) -> bool {
        match self.session_of(pid) {
            Some(session) => session == pid,
            None => !self.system.getsid_sees_zombies() && self.group_of(pid) == Some(pid),
        }
    }

    /// The children that the kernel lists at this moment, in the order in which they were started.
    pub(super) fn children(&self, parent: Id) -> Vec<Id> {
        let is_child =
            |id: &Id| *id != parent && self.get(*id).is_unreaped() && self.get(*id).parent == parent;
        self.ids().filter(is_child).collect()
    }

    /// The ancestors of a process, its parent first.
    pub(super) fn ancestors(&self, id: Id) -> Vec<Pid> {
        let mut line = Vec::new();
        let mut next = self.get(id).parent;
        while line.last() != Some(&self.get(self.init).pid) {
            line.push(self.get(next).pid);
            next = self.get(next).parent;
        }
        line
    }

    /// Returns whether a read succeeds. Any may fail for a moment, as without memory or a descriptor.
    pub(super) fn can_read(&mut self) -> bool {
        let fails = self.failing_reads > 0;
        self.failing_reads = self.failing_reads.saturating_sub(1);
        if fails {
            self.note(|| "a read fails".to_owned());
        }
        !fails
    }

    /// Returns whether the children of a process can be read.
    pub(super) fn can_read_children(&mut self, pid: Pid) -> bool {
        let hidden = self.find(pid).filter(|id| self.get(*id).unreadable > 0 && self.get(*id).can_act());
        if let Some(id) = hidden {
            self.get_mut(id).unreadable -= 1;
        }
        self.can_read() && hidden.is_none()
    }

    /// Lets the threads of a process come and go for so many reads. Linux lists the children by thread.
    pub(crate) fn let_threads_run(&mut self, id: Id, reads: u32) {
        if self.system.is_linux() {
            self.get_mut(id).unreadable = reads;
            self.note(|| format!("the threads of {id} come and go for {reads} reads"));
        }
    }
}
