//! What is finished before this process ends.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::sys;

/// How long the end of this process waits for a stage.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);

/// In this order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// Pending grace periods become SIGKILL.
    Kill,
    /// What was begun is finished. Half done, it would leave processes stopped.
    Finish,
}

/// What is called in each stage.
type Stages = [Option<fn()>; 2];

static STAGES: Mutex<Stages> = Mutex::new([None; 2]);

/// Has the function called when this process ends. It must return within [`TIMEOUT`].
pub(crate) fn register(stage: Stage, hook: fn()) {
    sys::at_exit(flush);
    lock()[stage as usize] = Some(hook);
}

/// Turns all pending grace periods into SIGKILL and finishes what else was begun. For the end of this process.
pub fn flush() {
    // Copied: what is called may take the lock.
    let stages = *lock();
    for hook in stages.into_iter().flatten() {
        hook();
    }
}

fn lock() -> MutexGuard<'static, Stages> {
    STAGES.lock().unwrap_or_else(PoisonError::into_inner)
}
