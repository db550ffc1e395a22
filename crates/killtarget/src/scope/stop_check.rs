//! Whether the members that were sent SIGSTOP have stopped.

use std::time::{Duration, Instant};

use super::{members::Members, process_table::ProcessTable};
use crate::sys::RunState;

/// How long no member may run before one that is not quite stopped counts as stopped.
pub(crate) const UNSETTLED_TIMEOUT: Duration = Duration::from_millis(50);

/// The same limit, where a process that counts as stopped by mistake is worse than a late end.
pub(crate) const PATIENT_TIMEOUT: Duration = Duration::from_millis(500);

/// The checks of the members, one after the other.
pub(crate) struct StopCheck {
    timeout: Duration,
    /// Since when each check has found a state in which a member may count as stopped, and not every member stopped.
    unsettled_since: Option<Instant>,
}

impl StopCheck {
    /// `timeout` is one of the limits of this module.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, unsettled_since: None }
    }

    /// Returns whether no member can fork any more. Stops again each member that runs.
    ///
    /// A member may be in a tracing stop for as long as its tracer wants. A member may be in the middle of
    /// fork(2), which a stop does not interrupt, and one that waits for its vfork(2) child is
    /// uninterruptible. So the wait for them has a limit. `tolerated` is the state furthest from stopped that
    /// counts as stopped then.
    pub(crate) fn has_stopped<T: ProcessTable>(
        &mut self,
        members: &mut Members<T>,
        tolerated: RunState,
    ) -> bool {
        let run_state = members.stop_again();
        if run_state == RunState::Stopped || run_state > tolerated {
            self.unsettled_since = None;
            return run_state == RunState::Stopped;
        }
        let now = T::now();
        now >= *self.unsettled_since.get_or_insert(now) + self.timeout
    }

    /// A latecomer was found. It may be what a member has waited for.
    pub(crate) fn restart(&mut self) {
        self.unsettled_since = None;
    }
}
