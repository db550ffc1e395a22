//! What the environments of a thread wait for, and how each is told.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use napi::{
    Status,
    bindgen_prelude::{FnArgs, Function},
    sys,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};

use crate::{
    error::Error,
    exit::Exit,
    reactor::{self, Wait},
    target::KillTarget,
};

/// What JavaScript is told: which wait it was, the exit code, the signal.
pub(crate) type Told = FnArgs<(f64, Option<i32>, Option<i32>)>;

/// A weak one: by itself it does not keep the event loop going.
type Callback = ThreadsafeFunction<Told, (), Told, Status, false, true>;

/// The waits of one queue, by the number that JavaScript has given each.
pub(crate) struct Waits {
    owner: usize,
    queue: Arc<Queue>,
    pending: HashMap<u64, Wait>,
}

/// The way into an environment, until that ends. The reactor has it too, but not beyond the end: only the environment's
/// own thread may give up the callback, as the environment may otherwise free it at that moment.
struct Queue(Mutex<Option<Callback>>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Option<Callback>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An environment that is ending takes nothing any more, and misses nothing.
    fn tell(&self, told: Told) {
        let mut callback = self.lock();
        let called = callback.as_ref().map(|open| open.call(told, ThreadsafeFunctionCallMode::NonBlocking));
        if called == Some(Status::Closing) {
            // Who was told that it closes has given it back by that, and must not touch it again.
            mem::forget(callback.take());
        }
    }
}

impl Waits {
    pub(crate) fn new(owner: usize, callback: &Function<'_, Told, ()>) -> napi::Result<Self> {
        let callback = callback.build_threadsafe_function().weak::<true>().build()?;
        Ok(Self { owner, queue: Arc::new(Queue(Mutex::new(Some(callback)))), pending: HashMap::new() })
    }

    pub(crate) fn add(&mut self, number: f64, target: &Arc<KillTarget>) -> Result<(), Error> {
        let queue = Arc::clone(&self.queue);
        let tell = move |exit| {
            let (code, signal) = match exit {
                Exit::Code(code) => (Some(code), None),
                Exit::Signal(signal) => (None, Some(signal.as_raw())),
                Exit::Unknown => (None, None),
            };
            queue.tell((number, code, signal).into());
        };
        let wait = reactor::on_exit(target, Box::new(tell))?;
        self.pending.insert(number.to_bits(), wait);
        Ok(())
    }

    pub(crate) fn remove(&mut self, number: f64) {
        if let Some(wait) = self.pending.remove(&number.to_bits()) {
            reactor::cancel(wait);
        }
    }

    /// Ends the waits with their environment, if it is this one.
    pub(crate) fn end_of(&mut self, owner: usize) {
        if owner != self.owner {
            return;
        }
        let callback = self.queue.lock().take();
        for (_, wait) in self.pending.drain() {
            reactor::cancel(wait);
        }
        drop(callback);
    }

    /// Runs with the callback, which the lock keeps from being released meanwhile; not once the environment has ended.
    pub(crate) fn with_callback(&self, act: impl FnOnce(sys::napi_threadsafe_function)) {
        if let Some(callback) = &*self.queue.lock() {
            act(callback.raw());
        }
    }
}

/// On the environment's own thread, at the latest when that ends: nobody is left to be told.
impl Drop for Waits {
    fn drop(&mut self) {
        self.end_of(self.owner);
    }
}
