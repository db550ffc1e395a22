//! The signal that asks the command's processes to exit, before SIGKILL.
//!
//! Each process gets it once, parents first. This process has no other descendants, so all of them are meant. Those that are found
//! later get it if they were started before their parent did. What was started since is most likely the clean-up that the signal
//! asked for, as of a shell's trap. It and its descendants are spared the signal, and have the rest of the grace period.
//!
//! A child that was not reaped keeps its pid. Of a deeper descendant the pid may be reused at any time. So it is opened first,
//! then its parent is read, and then whether the parent is still the process that was found before: by pid and start time.

use super::{
    moment::Moment,
    procfs::{OwnChildren, Stat, each_child_of},
};
use crate::{
    sys::{self, Errno, Handle, Zero},
    types::{Pid, Signal},
};

/// The largest number of processes that get the signal. SIGKILL reaches the others, too.
const MAX_PROCESSES: usize = 1 << 16;

/// The slots of the table, a power of 2. Half of them stay free.
const SLOTS: usize = MAX_PROCESSES * 2;

/// A process, by its pid and its start time. The pid 0 marks a free slot.
#[derive(Clone, Copy)]
struct Known {
    start: u64,
    /// Which of its children the signal is for: those that were started before this moment.
    until: Moment,
    pid: i32,
}

impl Zero for Known {}

/// The processes that were sent the signal.
pub(crate) struct Politeness {
    signal: Signal,
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
    pub(crate) fn new(signal: Signal) -> Result<Self, Errno> {
        Ok(Self {
            signal,
            began: None,
            slots: sys::zeroed(SLOTS)?,
            found: sys::zeroed(MAX_PROCESSES)?,
            count: 0,
            known: 0,
        })
    }

    /// Sends the signal to each process that it is for, and that has not got it yet.
    pub(crate) fn ask(&mut self, children: &OwnChildren) {
        let began = *self.began.get_or_insert_with(Moment::now);
        self.count = 0;
        // An orphan that this process has adopted had another parent.
        children.each(|pid| self.visit(pid, None, began));
        let mut next = 0;
        while let Some(parent) = self.parent_at(next) {
            each_child_of(parent.pid, |pid| self.visit(pid, Some(parent), parent.until));
            next += 1;
        }
    }

    fn parent_at(&self, index: usize) -> Option<Known> {
        let slot = self.found.get(..self.count)?.get(index)?;
        self.slots.get(usize::try_from(*slot).ok()?).copied()
    }

    /// Takes note of a child of `parent`, or of this process, and sends it the signal if it is new and was started before `until`.
    fn visit(&mut self, pid: i32, parent: Option<Known>, until: Moment) {
        let Some((handle, stat)) = open_child(pid, parent) else { return };
        let Some(index) = self.slot_of(pid) else { return };
        let Some(slot) = self.slots.get_mut(index) else { return };
        if slot.pid != pid || slot.start != stat.start {
            self.known += usize::from(slot.pid == 0);
            *slot = Known { start: stat.start, until: Moment::FIRST, pid };
            if until.is_after_start(stat.start, pid) {
                slot.until = ask(&handle, self.signal, &stat);
            }
        }
        if let (Some(place), Ok(index)) = (self.found.get_mut(self.count), u32::try_from(index)) {
            *place = index;
            self.count += 1;
        }
    }

    /// Returns the slot of a pid, or a free one for it. Returns `None` if there are too many processes.
    fn slot_of(&self, pid: i32) -> Option<usize> {
        let first = usize::try_from(pid).unwrap_or(0).wrapping_mul(0x9E37_79B1);
        let mut indexes = (0..SLOTS).map(|step| first.wrapping_add(step) % SLOTS);
        indexes.find_map(|index| match self.slots.get(index)?.pid {
            0 => Some((self.known < MAX_PROCESSES).then_some(index)),
            other => (other == pid).then_some(Some(index)),
        })?
    }
}

/// Sends a process the signal. Returns for which of its children the signal is.
fn ask(handle: &Handle, signal: Signal, stat: &Stat) -> Moment {
    let moment = Moment::now();
    let sent = handle.signal(signal);
    // A stopped process does not see the signal.
    if stat.is_stopped() {
        let _ = handle.signal(Signal::CONT);
    }
    // A process that may not be signalled was asked for nothing, so it starts no clean-up.
    if sent == Err(Errno::EPERM) { Moment::LAST } else { moment }
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
