//! Where tests step in.

use std::sync::{Mutex, PoisonError};

/// What is done once.
pub type Hook = Box<dyn FnOnce() + Send>;

static WHEN_FOUND: Mutex<Option<Hook>> = Mutex::new(None);

/// Has something done, once, when it has been found who is in scope, right before they are signalled.
pub fn when_found(hook: Hook) {
    *WHEN_FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
}

/// They have been found.
pub(crate) fn run_hook() {
    let hook = WHEN_FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(hook) = hook {
        hook();
    }
}
