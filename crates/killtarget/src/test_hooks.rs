//! A hook by which a test acts between a scan and its signals.

use std::sync::{Mutex, PoisonError};

/// A function that runs once.
pub type Hook = Box<dyn FnOnce() + Send>;

static WHEN_FOUND: Mutex<Option<Hook>> = Mutex::new(None);

/// Sets the hook. It runs once, after the next scan and right before its signals.
pub fn when_found(hook: Hook) {
    *WHEN_FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
}

/// Runs the hook, if a test has set one.
pub(crate) fn run_hook() {
    let hook = WHEN_FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(hook) = hook {
        hook();
    }
}
