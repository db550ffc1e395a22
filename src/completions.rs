//! The completion queues: each delivers the completions of one environment's operations.
//!
//! The callback gets an exit directly. A larger result is stored, and JavaScript fetches it after the callback.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use napi::{
    Status,
    bindgen_prelude::{FnArgs, Function},
    sys,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use rustc_hash::FxHashMap;

use killtarget::{
    Callbacks, Deadline, Error, Event, Exit, KillTarget, OnDone, OnProgress, ProcessInfo, Progress, Request,
    Scope, Signal, Termination, TerminationHandle, Timer, Wait, after, cancel, cancel_timer, on_exit, resume,
    signal_descendants, suspend, terminate, terminate_after,
};

use crate::convert::code_and_signal;

/// The arguments of the callback: the operation's number, the exit code, the signal.
pub(crate) type Completion = FnArgs<(f64, Option<i32>, Option<i32>)>;

/// A weak reference: by itself it does not keep the event loop alive.
type Callback = ThreadsafeFunction<Completion, (), Completion, Status, false, true>;

/// A queue, with its pending operations by the numbers that JavaScript gave them.
pub(crate) struct Completions {
    owner: usize,
    queue: Arc<Queue>,
    pending: FxHashMap<u64, Pending>,
}

/// A pending operation.
enum Pending {
    Exit(Wait),
    Timer(Timer),
    /// Cannot be cancelled: it continues even if its environment has ended.
    Termination(TerminationHandle),
    /// Can be cancelled until it begins.
    Deadline(Deadline),
}

impl Pending {
    /// Cancels a wait, a timer, or a termination that has not begun. Returns false for one that has.
    fn cancel(&self) -> bool {
        match self {
            Self::Exit(wait) => cancel(*wait),
            Self::Timer(timer) => {
                cancel_timer(*timer);
            }
            Self::Termination(_) => return false,
            Self::Deadline(deadline) => return deadline.cancel(),
        }
        true
    }
}

/// A result for JavaScript to fetch.
pub(crate) enum Payload {
    Report(Result<Termination, Error>),
    Processes(Result<Vec<ProcessInfo>, Error>),
}

/// The callback into an environment, until that ends, and the results to fetch.
///
/// The core's threads share the queue. Only the environment's own thread may release the callback. On another thread, that
/// would race with the end of the environment, which frees the callback.
struct Queue {
    callback: Mutex<Option<Callback>>,
    /// With the numbers of the operations, about in the order in which the callback is called.
    payloads: Mutex<VecDeque<(u64, Payload)>>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Option<Callback>> {
        self.callback.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn payloads(&self) -> MutexGuard<'_, VecDeque<(u64, Payload)>> {
        self.payloads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, number: f64, payload: Payload) {
        self.payloads().push_back((key(number), payload));
        self.complete((number, None, None).into());
    }

    /// Queues a call of the callback. Does nothing if the environment is ending.
    fn complete(&self, completion: Completion) {
        let mut callback = self.lock();
        let status =
            callback.as_ref().map(|open| open.call(completion, ThreadsafeFunctionCallMode::NonBlocking));
        if status == Some(Status::Closing) {
            // Node-API releases a caller's reference when it returns `napi_closing`. A second release is undefined.
            mem::forget(callback.take());
        }
    }
}

impl Completions {
    pub(crate) fn new(owner: usize, callback: &Function<'_, Completion, ()>) -> napi::Result<Self> {
        let callback = callback.build_threadsafe_function().weak::<true>().build()?;
        let queue = Queue { callback: Mutex::new(Some(callback)), payloads: Mutex::default() };
        Ok(Self { owner, queue: Arc::new(queue), pending: FxHashMap::default() })
    }

    /// Waits for the exit of the target.
    pub(crate) fn wait(&mut self, number: f64, target: &Arc<KillTarget>) -> Result<(), Error> {
        let queue = Arc::clone(&self.queue);
        let on_exited = move |exit| {
            let (code, signal) = code_and_signal(exit);
            queue.complete((number, code, signal).into());
        };
        let wait = on_exit(target, Box::new(on_exited))?;
        self.pending.insert(key(number), Pending::Exit(wait));
        Ok(())
    }

    /// Completes a wait that the core has refused, if the target has exited. Returns whether it has.
    pub(crate) fn poll_exit(&self, number: f64, target: &KillTarget) -> bool {
        // If it cannot be read now, as without a free descriptor, the caller polls again.
        let has_exited = target.is_alive() == Ok(false);
        if has_exited {
            let (code, signal) = code_and_signal(target.exit().unwrap_or(Exit::Unknown));
            self.queue.complete((number, code, signal).into());
        }
        has_exited
    }

    /// Terminates the target, and stores the report. With a delay: after that, unless it has exited by then.
    pub(crate) fn terminate(
        &mut self,
        number: f64,
        target: &Arc<KillTarget>,
        request: Request,
        observer: Option<f64>,
        delay: Option<Duration>,
    ) -> Result<(), Error> {
        let callbacks = self.callbacks(number, observer);
        let pending = match delay {
            None => Pending::Termination(terminate(target, request, callbacks)?),
            Some(delay) => Pending::Deadline(terminate_after(delay, target, request, callbacks)?),
        };
        self.pending.insert(key(number), pending);
        Ok(())
    }

    /// Returns what stores the report, and completes the observer at each step: with the number of the signal that was sent, or 0
    /// after an exit, and the number of processes that are left.
    fn callbacks(&self, number: f64, observer: Option<f64>) -> Callbacks {
        let queue = Arc::clone(&self.queue);
        let on_termination = Box::new(move |report| queue.store(number, Payload::Report(report)));
        let on_progress = observer.map(|observer| {
            let queue = Arc::clone(&self.queue);
            Box::new(move |Progress { event, left }| {
                let signal = match event {
                    Event::Signal(signal) => signal.as_raw(),
                    Event::Kill => Signal::KILL.as_raw(),
                    Event::Exit => 0,
                };
                let left = i32::try_from(left).unwrap_or(i32::MAX);
                queue.complete((observer, Some(signal), Some(left)).into());
            }) as OnProgress
        });
        Callbacks { on_termination, on_progress }
    }

    /// Completes after a delay.
    pub(crate) fn set_timer(&mut self, number: f64, delay: Duration) -> Result<(), Error> {
        let queue = Arc::clone(&self.queue);
        let timer = after(delay, Box::new(move || queue.complete((number, None, None).into())))?;
        self.pending.insert(key(number), Pending::Timer(timer));
        Ok(())
    }

    /// Stops or continues the target, and stores the processes for which that failed.
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

    /// Signals the target and its descendants, and stores the processes for which that failed.
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

    /// Skips the rest of the grace periods of a termination.
    pub(crate) fn force(&self, number: f64) {
        match self.pending.get(&key(number)) {
            Some(Pending::Termination(termination)) => termination.force(),
            Some(Pending::Deadline(deadline)) => deadline.force(),
            Some(Pending::Exit(_) | Pending::Timer(_)) | None => {}
        }
    }

    /// Takes the stored result of an operation. Returns `None` if there is none.
    pub(crate) fn fetch(&self, number: f64) -> Option<Payload> {
        let mut payloads = self.queue.payloads();
        // Most often the first one, as the callback is called in this order.
        let index = payloads.iter().position(|(other, _)| *other == key(number))?;
        payloads.remove(index).map(|(_, payload)| payload)
    }

    /// Cancels an operation. Returns false if it is a termination that has begun.
    pub(crate) fn cancel(&mut self, number: f64) -> bool {
        let is_cancelled = self.pending.get(&key(number)).is_none_or(Pending::cancel);
        if is_cancelled {
            self.forget(number);
        }
        is_cancelled
    }

    /// Forgets an operation that has completed.
    pub(crate) fn forget(&mut self, number: f64) {
        self.pending.remove(&key(number));
    }

    /// Cancels the waits and releases the callback, if the queue belongs to this environment.
    pub(crate) fn close_if_owned_by(&mut self, owner: usize) {
        if owner != self.owner {
            return;
        }
        let callback = self.queue.lock().take();
        for (_, pending) in self.pending.drain() {
            pending.cancel();
        }
        drop(callback);
    }

    /// Calls `act` with the callback, under the lock that prevents its release. Does nothing once the environment has ended.
    pub(crate) fn with_callback(&self, act: impl FnOnce(sys::napi_threadsafe_function)) {
        if let Some(callback) = &*self.queue.lock() {
            act(callback.raw());
        }
    }
}

/// Runs on the environment's own thread, at the latest when that thread ends.
impl Drop for Completions {
    fn drop(&mut self) {
        self.close_if_owned_by(self.owner);
    }
}

/// The numbers that JavaScript counts differ in the upper bits of an `f64`, and a hash needs others.
fn key(number: f64) -> u64 {
    number.to_bits().swap_bytes()
}
