//! The signal that asks the command's processes to exit, before SIGKILL.
//!
//! Each process gets it once, parents first, also those that are started in the grace period. This process has no other
//! descendants, so all of them are meant.
//!
//! A child that was not reaped keeps its pid. Of a deeper descendant the pid may be reused at any time. So it is opened first,
//! then its parent is read, and then whether the parent is still the process that was found before: by pid and start time.

use super::procfs::{OwnChildren, Stat, each_child_of};
use crate::{
    sys::{self, Errno, Handle},
    types::{Pid, Signal},
};

/// The largest number of processes that get the signal. SIGKILL reaches the others, too.
const MAX_PROCESSES: usize = 1 << 16;

/// The slots of the table, a power of 2. Half of them stay free.
const SLOTS: usize = MAX_PROCESSES * 2;

/// A process, by its pid and its start time. The pid 0 marks a free slot.
type Known = (i32, u64);

/// The processes that were sent the signal.
pub(crate) struct Politeness {
    signal: Signal,
    slots: &'static mut [Known],
    /// The processes in the order in which they were found.
    found: &'static mut [Known],
    count: usize,
    /// How many slots are taken.
    known: usize,
}

impl Politeness {
    /// Reserves the memory.
    pub(crate) fn new(signal: Signal) -> Result<Self, Errno> {
        Ok(Self {
            signal,
            slots: sys::zeroed(SLOTS)?,
            found: sys::zeroed(MAX_PROCESSES)?,
            count: 0,
            known: 0,
        })
    }

    /// Sends the signal to each process that has not got it yet.
    pub(crate) fn ask(&mut self, children: &OwnChildren) {
        self.count = 0;
        children.each(|pid| self.visit(pid, None));
        let mut next = 0;
        while let Some(parent) = self.found.get(next).copied().filter(|_| next < self.count) {
            each_child_of(parent.0, |pid| self.visit(pid, Some(parent)));
            next += 1;
        }
    }

    /// Takes note of a child of `parent`, or of this process, and sends it the signal if it is new.
    fn visit(&mut self, pid: i32, parent: Option<Known>) {
        let Some((handle, stat)) = open_child(pid, parent) else { return };
        let child = (pid, stat.start);
        let Some(place) = self.found.get_mut(self.count) else { return };
        *place = child;
        self.count += 1;
        if self.add(child) {
            let _ = handle.signal(self.signal);
            // A stopped process does not see the signal.
            if stat.is_stopped() {
                let _ = handle.signal(Signal::CONT);
            }
        }
    }

    /// Returns whether the process was not known.
    fn add(&mut self, process: Known) -> bool {
        let first = usize::try_from(process.0).unwrap_or(0).wrapping_mul(0x9E37_79B1);
        if self.known >= MAX_PROCESSES {
            return false;
        }
        for step in 0..SLOTS {
            match self.slots.get_mut(first.wrapping_add(step) % SLOTS) {
                Some(slot) if slot.0 == process.0 => {
                    let is_new = slot.1 != process.1;
                    *slot = process;
                    return is_new;
                }
                Some(slot) if slot.0 == 0 => {
                    *slot = process;
                    self.known += 1;
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}

/// Opens a process that was listed as a child. Returns `None` if it may be another process by now.
fn open_child(pid: i32, parent: Option<Known>) -> Option<(Handle, Stat)> {
    let handle = sys::open_handle(Pid::new(pid)?).ok()?;
    let stat = Stat::read(pid)?;
    let is_child = match parent {
        // The parent was reaped meanwhile if its pid has another start time now.
        Some((parent, begin)) => {
            stat.parent == parent && Stat::read(parent).is_some_and(|now| now.start == begin)
        }
        None => stat.parent == sys::own_pid(),
    };
    is_child.then_some((handle, stat))
}
