//! What is finished before this process exits.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::sys;

/// How long the exit waits for a stage.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);

/// The stages, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// Pending grace periods become SIGKILL.
    Kill,
    /// Operations in progress are finished. Half done, they would leave processes stopped.
    Finish,
}

/// The hook of each stage.
type Stages = [Option<fn()>; 2];

static STAGES: Mutex<Stages> = Mutex::new([None; 2]);

/// Registers a function for the exit of this process. It must return within [`TIMEOUT`].
pub(crate) fn register(stage: Stage, hook: fn()) {
    sys::at_exit(flush);
    lock()[stage as usize] = Some(hook);
}

/// Turns all pending grace periods into SIGKILL, and finishes operations in progress. Call it before this
/// process exits.
pub fn flush() {
    // Copied, because a hook may take the lock.
    let stages = *lock();
    for hook in stages.into_iter().flatten() {
        hook();
    }
}

fn lock() -> MutexGuard<'static, Stages> {
    STAGES.lock().unwrap_or_else(PoisonError::into_inner)
}
