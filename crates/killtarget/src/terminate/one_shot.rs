//! A one-shot channel: one thread sets a value, another waits for it.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Either end of the channel.
pub(crate) struct OneShot<T>(Arc<(Mutex<Option<T>>, Condvar)>);

impl<T> OneShot<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new((Mutex::new(None), Condvar::new())))
    }

    /// Sets the value and wakes the waiting thread.
    pub(crate) fn set(&self, value: T) {
        let (slot, ready) = &*self.0;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        ready.notify_all();
    }

    /// Waits for the value. Returns `None` at the time limit.
    pub(crate) fn wait(&self, limit: Duration) -> Option<T> {
        let (slot, ready) = &*self.0;
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut slot, _) = ready
            .wait_timeout_while(slot, limit, |slot| slot.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        slot.take()
    }
}

impl<T> Clone for OneShot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
