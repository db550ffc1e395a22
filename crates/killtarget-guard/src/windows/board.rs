//! What the guard shows to other processes of its user, and how they make a request.
//!
//! Both objects have the guard's pid and creation time in their names, and no later process has the same. The names and the
//! layout stand in the core, too (`sys/windows/guard_board.rs`).

use super::sys::{self, Code, Event, Shared};
use crate::text::Text;

const MAX_NAME: usize = 96;

/// The state of the guard, in the first word of what it shows. The second word is the pid of the command.
const STARTED: u32 = 0x006b_7401;
/// The job has no process any more.
const OVER: u32 = 0x006b_7402;

pub(super) struct Board {
    shared: Shared,
    request: Event,
}

impl Board {
    /// Makes the objects.
    ///
    /// # Errors
    /// Those of the calls. It is one, too, if another process has made an object with such a name.
    pub(super) fn make() -> Result<Self, Code> {
        let created = sys::own_creation_time().unwrap_or(0);
        let half = |shift: u32| u32::try_from(created >> shift & u64::from(u32::MAX)).unwrap_or(0);
        let numbers = [sys::own_pid(), half(32), half(0)];
        let name = |what: &[u8]| {
            let start = Text::<MAX_NAME>::new().add(b"Local\\killtarget-guard");
            numbers.into_iter().fold(start, |name, number| name.add(b"-").number(number)).add(what)
        };
        // The event first: who finds the state can make a request.
        let request = Event::make(name(b"-kill").as_c_str())?;
        let shared = Shared::make(name(b"-state").as_c_str())?;
        shared.write(0, STARTED);
        Ok(Self { shared, request })
    }

    pub(super) fn name_command(&self, pid: u32) {
        self.shared.write(1, pid);
    }

    /// Says that nothing is left, which the exit of the guard alone does not prove.
    pub(super) fn say_over(&self) {
        self.shared.write(0, OVER);
    }

    /// The event that asks to end all.
    pub(super) const fn request(&self) -> &Event {
        &self.request
    }
}
