//! What the environments of a thread wait for, and how each is told.
//!
//! An exit is told as it is. Whatever holds more is laid down, and JavaScript is told to fetch it.

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

use killtarget::{
    Error, KillTarget, OnDone, ProcessInfo, Request, Scope, Signal, Termination, TerminationHandle, Wait,
    cancel, on_exit, resume, signal_descendants, suspend, terminate,
};

use crate::convert::raw;

/// What JavaScript is told: which wait it was, the exit code, the signal.
pub(crate) type Completion = FnArgs<(f64, Option<i32>, Option<i32>)>;

/// A weak one: by itself it does not keep the event loop going.
type Callback = ThreadsafeFunction<Completion, (), Completion, Status, false, true>;

/// The waits of one queue, by the number that JavaScript has given each.
pub(crate) struct Completions {
    owner: usize,
    queue: Arc<Queue>,
    pending: HashMap<u64, Pending>,
}

/// How a wait is called off.
enum Pending {
    Exit(Wait),
    /// It goes on without anybody who waits.
    Termination(TerminationHandle),
}

/// What JavaScript is to fetch.
pub(crate) enum Payload {
    Report(Result<Termination, Error>),
    Processes(Result<Vec<ProcessInfo>, Error>),
}

/// The way into an environment, until that ends. The reactor has it too, but not beyond the end: only the environment's
/// own thread may give up the callback, as the environment may otherwise free it at that moment.
struct Queue {
    callback: Mutex<Option<Callback>>,
    payloads: Mutex<HashMap<u64, Payload>>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Option<Callback>> {
        self.callback.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn payloads(&self) -> MutexGuard<'_, HashMap<u64, Payload>> {
        self.payloads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, number: f64, payloads: Payload) {
        self.payloads().insert(number.to_bits(), payloads);
        self.tell((number, None, None).into());
    }

    /// An environment that is ending takes nothing any more, and misses nothing.
    fn tell(&self, told: Completion) {
        let mut callback = self.lock();
        let called = callback.as_ref().map(|open| open.call(told, ThreadsafeFunctionCallMode::NonBlocking));
        if called == Some(Status::Closing) {
            // Who was told that it closes has given it back by that, and must not touch it again.
            mem::forget(callback.take());
        }
    }
}

impl Completions {
    pub(crate) fn new(owner: usize, callback: &Function<'_, Completion, ()>) -> napi::Result<Self> {
        let callback = callback.build_threadsafe_function().weak::<true>().build()?;
        let queue = Queue { callback: Mutex::new(Some(callback)), payloads: Mutex::default() };
        Ok(Self { owner, queue: Arc::new(queue), pending: HashMap::new() })
    }

    pub(crate) fn add(&mut self, number: f64, target: &Arc<KillTarget>) -> Result<(), Error> {
        let queue = Arc::clone(&self.queue);
        let tell = move |exit| {
            let (code, signal) = raw(exit);
            queue.tell((number, code, signal).into());
        };
        let wait = on_exit(target, Box::new(tell))?;
        self.pending.insert(number.to_bits(), Pending::Exit(wait));
        Ok(())
    }

    pub(crate) fn terminate(
        &mut self,
        number: f64,
        target: &Arc<KillTarget>,
        request: Request,
    ) -> Result<(), Error> {
        let queue = Arc::clone(&self.queue);
        let tell = move |report| queue.store(number, Payload::Report(report));
        let termination = terminate(target, request, Box::new(tell))?;
        self.pending.insert(number.to_bits(), Pending::Termination(termination));
        Ok(())
    }

    pub(crate) fn suspend(
        &self,
        number: f64,
        target: &Arc<KillTarget>,
        scope: Option<Scope>,
        allow_self: bool,
        is_resumed: bool,
    ) -> Result<(), Error> {
        let act = if is_resumed { resume } else { suspend };
        act(target, scope, allow_self, self.store_processes(number))
    }

    pub(crate) fn signal_descendants(
        &self,
        number: f64,
        target: &Arc<KillTarget>,
        signal: Signal,
    ) -> Result<(), Error> {
        signal_descendants(target, signal, self.store_processes(number))
    }

    fn store_processes(&self, number: f64) -> OnDone {
        let queue = Arc::clone(&self.queue);
        Box::new(move |processes| queue.store(number, Payload::Processes(processes)))
    }

    /// Skips the graces of a termination.
    pub(crate) fn force(&self, number: f64) {
        if let Some(Pending::Termination(termination)) = self.pending.get(&number.to_bits()) {
            termination.force();
        }
    }

    /// What was laid down for a wait.
    pub(crate) fn fetch(&self, number: f64) -> Option<Payload> {
        self.queue.payloads().remove(&number.to_bits())
    }

    pub(crate) fn remove(&mut self, number: f64) {
        if let Some(Pending::Exit(wait)) = self.pending.remove(&number.to_bits()) {
            cancel(wait);
        }
    }

    /// Ends the waits with their environment, if it is this one.
    pub(crate) fn end_of(&mut self, owner: usize) {
        if owner != self.owner {
            return;
        }
        let callback = self.queue.lock().take();
        for (_, pending) in self.pending.drain() {
            if let Pending::Exit(wait) = pending {
                cancel(wait);
            }
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
impl Drop for Completions {
    fn drop(&mut self) {
        self.end_of(self.owner);
    }
}
