//! The command's processes: which they are, and their end. The guard has custody of them, and after it its keeper.
//!
//! Orphans become children of launchd here. So each process is noted while it still has its parent: the kernel tells when one
//! forks. A process is missed if it was forked by one that has exited before it was noted, and has a session of its own.

use super::{
    hosts::{HostIsGone, Hosts},
    members::{Members, Origin},
};
use crate::{
    arguments::Options,
    common::{
        clock::{Time, now},
        escalation::{Escalation, Step},
    },
    sys::{self, Errno, Queue, Sender},
    types::{End, Mark, Member, Process, Signal},
};

/// The largest number of processes that are noted, and that a scan finds. macOS has a tenth of that.
const MAX_MEMBERS: usize = 1 << 15;
const MAX_PROCESSES: usize = 1 << 16;

/// The intervals between rounds of SIGKILL in milliseconds, if no process exits. One that may not be signalled, or is in the
/// kernel, must not cost processor time.
const MIN_INTERVAL: u32 = 1;
const MAX_INTERVAL: u32 = 500;

/// The memory that is needed, reserved at the start.
pub(crate) struct Memory {
    /// The guard and its keeper share it: the keeper goes on with it when the guard has exited, and not before.
    members: &'static mut [Member],
    pids: &'static mut [i32],
    seen: &'static mut [Process],
}

impl Memory {
    /// # Errors
    /// `ENOMEM`
    pub(crate) fn reserve() -> Result<Self, Errno> {
        Ok(Self {
            members: sys::zeroed_shared(MAX_MEMBERS)?,
            pids: sys::zeroed(MAX_PROCESSES)?,
            seen: sys::zeroed(MAX_PROCESSES)?,
        })
    }
}

pub(crate) struct Custody<'a> {
    options: &'a Options<'a>,
    pub(crate) queue: Queue,
    hosts: Hosts,
    origin: Origin,
    members: Members,
    pids: &'static mut [i32],
    seen: &'static mut [Process],
    sender: Sender,
    escalation: Escalation,
    interval: u32,
    /// Whether the members were asked to exit.
    has_asked: bool,
    /// Whether a member has exited since the last step.
    has_exited: bool,
    /// When to look again whether a member that is exiting has exited.
    recheck: Option<Time>,
}

impl<'a> Custody<'a> {
    /// Takes the members that are in the memory, too. `sender`: looked up before, as that may take memory.
    pub(crate) fn new(
        options: &'a Options<'a>,
        queue: Queue,
        origin: Origin,
        memory: Memory,
        sender: Sender,
    ) -> Self {
        let Memory { members, pids, seen } = memory;
        Self {
            options,
            queue,
            hosts: Hosts::none(),
            origin,
            members: Members::new(members),
            pids,
            seen,
            sender,
            escalation: Escalation::new(options),
            interval: MIN_INTERVAL,
            has_asked: false,
            has_exited: false,
            recheck: None,
        }
    }

    /// # Errors
    /// [`HostIsGone`]: one of the hosts has exited already.
    pub(crate) fn watch_hosts(&mut self, parent: i32) -> Result<(), HostIsGone> {
        self.hosts = Hosts::watch(self.options, parent, &self.queue)?;
        Ok(())
    }

    /// Notes the command.
    ///
    /// # Errors
    /// `ESRCH`: it has exited.
    pub(crate) fn admit(&mut self, command: i32) -> Result<(), Errno> {
        self.members.add(&sys::process(command).ok_or(Errno::ESRCH)?);
        self.queue.watch_process(command)
    }

    /// Goes on with the members that the guard has noted.
    pub(crate) fn take_over(&mut self) {
        self.members.recount();
        self.watch_from(0);
        self.scan(sys::process);
    }

    /// Treats an event of a process. Returns whether it was the exit of a host.
    pub(crate) fn treat(&mut self, pid: i32, has_forked: bool, has_exited: bool) -> bool {
        if has_exited && self.hosts.has(pid) {
            self.hosts = Hosts::none();
            return true;
        }
        // A zombie tells it, too.
        if let Some(process) = sys::birth(pid) {
            self.members.renew(&process);
        }
        if has_exited {
            self.has_exited = true;
            // Its children have another parent now.
            if has_forked {
                self.scan(sys::birth);
            }
            // Once the end has begun, those that it has forked may still have to be found.
            if !self.has_begun() {
                self.members.remove(pid);
            }
        } else if has_forked && let Some(at) = self.members.all().iter().position(|member| member.pid == pid)
        {
            self.note_children(at);
        }
        false
    }

    /// Notes the children of the member at a position, and those of each one that is new.
    fn note_children(&mut self, mut at: usize) {
        let mut next = self.members.all().len();
        while let Some(parent) = self.members.all().get(at).copied() {
            let before = self.members.all().len();
            for pid in sys::list_children(parent.pid, self.pids) {
                if let Some(child) = sys::birth(*pid)
                    && child.parent_id == parent.id
                    && !self.members.has(child.id)
                {
                    self.members.add(&child);
                }
            }
            // The children of one that has exited have another parent.
            if !self.watch_from(before) || !sys::is_running(parent.pid, parent.id) {
                return self.scan(sys::birth);
            }
            at = next;
            next += 1;
        }
    }

    /// Watches the members from a position on. Returns whether all of them run.
    fn watch_from(&mut self, first: usize) -> bool {
        let mut do_all_run = true;
        for member in self.members.all_mut().iter_mut().skip(first) {
            let is_watched = self.queue.watch_process(member.pid).is_ok();
            if !is_watched || !sys::is_running(member.pid, member.id) {
                member.mark = Mark::Gone;
                do_all_run = false;
            }
        }
        do_all_run
    }

    /// Looks at all processes, and notes those that are members. `read` reads one: at rest who has forked it must do, as a shell
    /// script forks often. A member may fork before it is watched, so a scan that has found one is followed by another.
    fn scan(&mut self, read: impl Fn(i32) -> Option<Process>) {
        loop {
            let before = self.members.all().len();
            let mut count = 0;
            for pid in sys::list_all(self.pids) {
                if let (Some(place), Some(process)) = (self.seen.get_mut(count), read(*pid)) {
                    *place = process;
                    count += 1;
                }
            }
            let seen = self.seen.get(..count).unwrap_or_default();
            let is_still = |then: &Process| sys::process(then.pid).as_ref() == Some(then);
            self.members.adopt(seen, &self.origin, is_still);
            if self.members.all().len() == before {
                break;
            }
            self.watch_from(before);
        }
        // What these had forked was found. Once the end has begun, the others have no time to tell of their exit.
        if !self.has_begun() {
            self.members.remove_gone();
        }
    }

    pub(crate) const fn has_begun(&self) -> bool {
        self.escalation.has_begun()
    }

    /// Begins to end the members, or hurries.
    pub(crate) fn begin(&mut self, end: End) {
        self.escalation.begin(end, now());
    }

    /// The host has exited.
    pub(crate) fn lose_host(&mut self) {
        if let Some(end) = self.options.orphaned {
            self.begin(end);
        }
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        self.escalation.due().into_iter().chain(self.recheck).min()
    }

    /// Does what is due. Returns whether no member is left, if one has exited, or the end has begun.
    pub(crate) fn advance(&mut self) -> bool {
        let time = now();
        let is_due = self.recheck.take_if(|recheck| *recheck <= time).is_some();
        let has_exited = std::mem::take(&mut self.has_exited) || is_due;
        match self.escalation.step(time, has_exited) {
            Step::Nothing => return has_exited && self.is_over(),
            Step::Ask => {
                self.scan(sys::process);
                self.ask();
            }
            Step::Kill => {
                self.scan(sys::process);
                for member in self.members.all() {
                    // Not permitted for a set-uid program that has taken another user's id.
                    let _ = self.sender.send(member.pid, member.id, Signal::KILL);
                }
                self.interval = if has_exited { MIN_INTERVAL } else { (self.interval * 2).min(MAX_INTERVAL) };
                self.escalation.kill_again_at(time.after(self.interval));
            }
        }
        self.is_over()
    }

    /// Sends each member the signal that asks it to exit, once. What is found later is most likely a clean-up that the signal asked
    /// for.
    fn ask(&mut self) {
        if std::mem::replace(&mut self.has_asked, true) {
            return;
        }
        for member in self.members.unasked() {
            let _ = self.sender.send(member.pid, member.id, self.options.kill_signal);
            // A stopped process does not see the signal.
            if sys::is_stopped(member.pid) {
                let _ = self.sender.send(member.pid, member.id, Signal::CONT);
            }
        }
    }

    /// Returns whether no member is left. A fork that was under way when its process was seen for the last time shows in a list that
    /// is made after that, so one more scan follows.
    pub(crate) fn is_over(&mut self) -> bool {
        let is_over = self.are_all_over() && {
            self.scan(sys::process);
            self.are_all_over()
        };
        // The kernel tells of an exit some time before the process is a zombie, and not again. (xnu, `proc_exit`)
        let mut members = self.members.all().iter();
        if !is_over && !members.any(|member| sys::is_running(member.pid, member.id)) {
            self.recheck = Some(now().after(MIN_INTERVAL));
        }
        is_over
    }

    fn are_all_over(&self) -> bool {
        let is_left = |member: &Member| {
            sys::process(member.pid).is_some_and(|now| now.id == member.id && !now.has_exited)
        };
        !self.members.all().iter().any(is_left)
    }
}
