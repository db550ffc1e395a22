//! The signal that asks the command's processes to exit, before SIGKILL.
//!
//! Each process gets it once, parents first. This process has no other descendants, so all of them are meant. Those that are found
//! later get it if they were started before their parent did. What was started since is most likely the clean-up that the signal
//! asked for, as of a shell's trap. It and its descendants are spared the signal, and have the rest of the grace period.
//!
//! Who got it from others is not sent it as well.
//!
//! A guard further down gets no signal, as it would pass that on. It is requested to ask all below it: it may have done so already, as
//! its own host has exited, and it knows what it has passed on.
//!
//! A child that was not reaped keeps its pid. Of a deeper descendant the pid may be reused at any time. So it is opened first,
//! then its parent is read, and then whether the parent is still the process that was found before: by pid and start time.

use super::{
    got::{Receiver, Record},
    moment::Moment,
    others::{Role, role_of},
    procfs::{OwnChildren, Stat, blocks},
    request::{self, Ask},
};
use crate::{
    sys::{self, Errno, Handle, Zero},
    types::{Pid, Signal},
};

/// The largest number of processes that get the signal. SIGKILL reaches the others, too.
const MAX_PROCESSES: usize = 1 << 15;

/// The slots of the table, a power of 2. Half of them stay free.
const SLOTS: usize = MAX_PROCESSES * 2;

/// The slot of this process, which is not in the table.
const OWN: u32 = u32::MAX;

/// A process, by its pid and its start time. The pid 0 marks a free slot.
#[derive(Clone, Copy)]
struct Known {
    start: u64,
    /// Which of its children the signal is for: those that were started before this moment.
    until: Moment,
    pid: i32,
    /// The slot of the parent that it was last found with.
    parent: u32,
    /// Whether it was found, and nothing else was done.
    is_new: bool,
    role: Role,
}

impl Zero for Known {}

/// The processes that were sent the signal.
pub(crate) struct Politeness {
    signal: Signal,
    /// The signal and the grace period of the options. For so many milliseconds it counts what others have sent.
    own: Signal,
    grace: u32,
    got: Record,
    /// When the first process was sent the signal.
    began: Option<Moment>,
    slots: &'static mut [Known],
    /// The slots of the processes in the order in which they were found.
    found: &'static mut [u32],
    count: usize,
    /// How many slots are taken.
    known: usize,
}

impl Politeness {
    /// Reserves the memory.
    pub(crate) fn new(signal: Signal, grace: u32) -> Result<Self, Errno> {
        Ok(Self {
            signal,
            own: signal,
            grace,
            got: Record::default(),
            began: None,
            slots: sys::zeroed(SLOTS)?,
            found: sys::zeroed(MAX_PROCESSES)?,
            count: 0,
            known: 0,
        })
    }

    /// Asks by another signal, unless it was begun.
    pub(crate) const fn use_signal(&mut self, signal: Signal) {
        if self.began.is_none() {
            self.signal = signal;
        }
    }

    /// Returns whether all were asked by this signal.
    pub(crate) fn has_asked(&self, signal: Signal) -> bool {
        self.began.is_some() && signal == self.signal
    }

    /// Forgets who was asked: another process has requested that, and the time that it gave is over.
    pub(crate) fn forget(&mut self) {
        self.slots.iter_mut().filter(|slot| slot.pid != 0).for_each(|slot| slot.pid = 0);
        (self.signal, self.began, self.known) = (self.own, None, 0);
    }

    /// Takes note of a signal that others send, before the command gets it.
    pub(crate) fn note_passed_on(&mut self, signal: Signal, receiver: Receiver) {
        if signal == self.signal {
            self.got.note(signal, receiver, self.grace);
        }
    }

    /// Sends the signal to each process that it is for, and that has not got it yet.
    pub(crate) fn ask(&mut self, children: &OwnChildren) {
        self.find(children);
        let began = *self.began.get_or_insert_with(Moment::now);
        for index in 0..self.count {
            let slot = self.found.get(index).copied().unwrap_or(OWN);
            if let Some(process) = self.at(slot).filter(|process| process.is_new) {
                // One that has lost its parent meanwhile is found below another one by the next search.
                if let Some(until) = self.treat(&process, began)
                    && let Some(process) = self.at_mut(slot)
                {
                    (process.until, process.is_new) = (until, false);
                }
            }
        }
    }

    /// Finds all descendants, parents first.
    fn find(&mut self, children: &OwnChildren) {
        self.count = 0;
        children.each(|pid| self.note(pid, OWN));
        let mut next = 0;
        while let Some(slot) = self.found.get(..self.count).and_then(|found| found.get(next)).copied() {
            let Some(parent) = self.at(slot) else { return };
            children.each_of(parent.pid, |pid| self.note(pid, slot));
            next += 1;
        }
    }

    /// Takes note of a child of the process in the slot, or of this process.
    fn note(&mut self, pid: i32, parent: u32) {
        let Some((_, stat)) = open_child(pid, self.at(parent)) else { return };
        let Some(index) = self.slot_of(pid) else { return };
        let Some(known) = self.at(index) else { return };
        if known.pid != pid || known.start != stat.start {
            let role = role_of(pid, self.look_at_parent(parent));
            self.known += usize::from(known.pid == 0);
            if let Some(slot) = self.at_mut(index) {
                *slot = Known { start: stat.start, until: Moment::FIRST, pid, parent, is_new: true, role };
            }
        } else if let Some(slot) = self.at_mut(index) {
            slot.parent = parent;
        }
        if let Some(place) = self.found.get_mut(self.count) {
            *place = index;
            self.count += 1;
        }
    }

    /// Returns the role of a parent. If it has become a guard since it was asked, it is told, and what it has started is a clean-up.
    fn look_at_parent(&mut self, slot: u32) -> Option<Role> {
        let process = self.at(slot)?;
        if process.role != Role::None || process.is_new || role_of(process.pid, None) != Role::Guard {
            return Some(process.role);
        }
        let (handle, stat) = open_child(process.pid, self.at(process.parent))?;
        if stat.start == process.start && blocks(process.pid, Signal::REQUEST) {
            let _ = handle.queue(Signal::REQUEST, request::asked());
            let process = self.at_mut(slot)?;
            (process.role, process.until) = (Role::Guard, Moment::FIRST);
        }
        Some(Role::Guard)
    }

    /// Sends a process the signal, if that is for it. Returns for which of its children the signal is, or `None` if the process is
    /// no child of that parent any more, or the parent was not treated, or it is a guard that cannot be told yet.
    fn treat(&self, process: &Known, began: Moment) -> Option<Moment> {
        let parent = self.at(process.parent);
        if parent.is_some_and(|parent| parent.is_new) {
            return None;
        }
        let (handle, stat) =
            open_child(process.pid, parent).filter(|(_, stat)| stat.start == process.start)?;
        let got = self.got.moment(self.signal, process.pid, &stat);
        // An orphan that was started after the command got the signal is most likely its clean-up.
        let of_orphans = || self.got.moment_of_command(self.signal).unwrap_or(began);
        let until = parent.map_or_else(of_orphans, |parent| parent.until);
        let is_meant = until.is_after_start(process.start, process.pid);
        let (sent, of_children) = match process.role {
            // Left to a guard above it, or of a clean-up. A keeper is told by its guard.
            Role::None | Role::Keeper if until == Moment::FIRST => return Some(until),
            Role::None if let Some(moment) = got => (handle.probe(), moment),
            Role::None if is_meant => {
                let moment = Moment::now();
                (handle.signal(self.signal), moment)
            }
            Role::None => return Some(Moment::FIRST),
            Role::Guard | Role::Keeper if !blocks(process.pid, Signal::REQUEST) => {
                return None;
            }
            Role::Guard | Role::Keeper => {
                let ask = Ask::new(self.signal, self.grace).value();
                let request = if is_meant || got.is_some() { ask } else { request::asked() };
                (handle.queue(Signal::REQUEST, request), Moment::FIRST)
            }
        };
        // A stopped process does not see the signal.
        if stat.is_stopped() {
            let _ = handle.signal(Signal::CONT);
        }
        // A process that may not be signalled was asked for nothing, so it starts no clean-up.
        Some(if sent == Err(Errno::EPERM) { Moment::LAST } else { of_children })
    }

    fn at(&self, slot: u32) -> Option<Known> {
        self.slots.get(usize::try_from(slot).ok()?).copied()
    }

    fn at_mut(&mut self, slot: u32) -> Option<&mut Known> {
        self.slots.get_mut(usize::try_from(slot).ok()?)
    }

    /// Returns the slot of a pid, or a free one for it. Returns `None` if there are too many processes.
    fn slot_of(&self, pid: i32) -> Option<u32> {
        let first = usize::try_from(pid).unwrap_or(0).wrapping_mul(0x9E37_79B1);
        let mut indexes = (0..SLOTS).map(|step| first.wrapping_add(step) % SLOTS);
        let index = indexes.find_map(|index| match self.slots.get(index)?.pid {
            0 => Some((self.known < MAX_PROCESSES).then_some(index)),
            other => (other == pid).then_some(Some(index)),
        })??;
        u32::try_from(index).ok()
    }
}

/// Opens a process that was listed as a child. Returns `None` if it may be another process by now.
fn open_child(pid: i32, parent: Option<Known>) -> Option<(Handle, Stat)> {
    let handle = sys::open_handle(Pid::new(pid)?).ok()?;
    let stat = Stat::read(pid)?;
    let is_child = match parent {
        // The parent was reaped meanwhile if its pid has another start time now.
        Some(Known { pid, start, .. }) => {
            stat.parent == pid && Stat::read(pid).is_some_and(|now| now.start == start)
        }
        None => stat.parent == sys::own_pid(),
    };
    is_child.then_some((handle, stat))
}
