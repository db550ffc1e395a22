//! The worker, which runs all terminations. It stops when there is nothing to terminate.
//!
//! It has a thread of its own, because a scan of all processes must not delay the reports of exits. At the
//! limit of processes, the system refuses that thread. The worker then runs on the reactor's thread, if that
//! exists.

use std::{
    mem,
    sync::{
        MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use super::{
    active_runs::ActiveRuns,
    inbox::{self, Inbox, Message, RunsOn, lock, post},
    one_shot::{Sender, one_shot},
    request::CheckedRequest,
};
use crate::{
    exit_hook::{self, Stage},
    reactor,
};

static FLUSHES: AtomicUsize = AtomicUsize::new(0);

/// Starts a termination. Returns the request if there is no thread to run it.
pub(crate) fn submit(request: CheckedRequest) -> Option<CheckedRequest> {
    exit_hook::register(Stage::Kill, flush);
    let mut inbox = lock();
    if !inbox.is_running() {
        inbox.runs_on = start();
    }
    put(inbox, request)
}

/// Starts a termination if the worker is running. Otherwise returns the request.
pub(crate) fn submit_if_running(request: CheckedRequest) -> Option<CheckedRequest> {
    put(lock(), request)
}

fn put(mut inbox: MutexGuard<'static, Inbox>, request: CheckedRequest) -> Option<CheckedRequest> {
    if !inbox.is_running() {
        return Some(request);
    }
    inbox.put(Message::Start(Box::new(request)));
    None
}

/// Starts the worker, and returns the thread that it runs on. The caller has locked the inbox.
fn start() -> RunsOn {
    if thread::Builder::new().name("kt-terminate".to_owned()).spawn(run).is_ok() {
        return RunsOn::OwnThread;
    }
    let mut worker = None;
    let guest = move || worker.get_or_insert_with(Worker::new).turn_as_guest();
    if reactor::host(Box::new(guest)) { RunsOn::ReactorThread } else { RunsOn::Nothing }
}

/// Skips the rest of the grace periods of one call.
pub(crate) fn force(number: usize) {
    post(Message::Force(number));
}

/// Returns how often everything was flushed. A termination on another thread sees by it that it must skip its
/// grace periods.
pub(crate) fn flushes() -> usize {
    FLUSHES.load(Ordering::Relaxed)
}

/// Turns all pending grace periods into SIGKILL, and waits until it is sent.
fn flush() {
    FLUSHES.fetch_add(1, Ordering::Relaxed);
    let (ack, flushed) = one_shot();
    // If a panic ends the worker, it drops the sender, and this stops waiting.
    if post(Message::Flush(ack)) {
        flushed.wait(exit_hook::TIMEOUT);
    }
}

/// Runs the worker on a thread of its own.
fn run() {
    let mut worker = Worker::new();
    loop {
        let mut inbox = lock();
        match worker.next(&mut inbox) {
            Next::Turn(messages) => {
                drop(inbox);
                worker.turn(messages);
            }
            Next::Rest(until) => inbox::wait(inbox, until),
            Next::Finished => return,
        }
    }
}

struct Worker {
    runs: ActiveRuns,
    flush_acks: Vec<Sender<()>>,
    /// Whether it has been marked as not running. Another one may be running by now.
    is_finished: bool,
}

/// What the worker must do next.
enum Next {
    Turn(Vec<Message>),
    Rest(Instant),
    Finished,
}

impl Worker {
    fn new() -> Self {
        Self { runs: ActiveRuns::default(), flush_acks: Vec::new(), is_finished: false }
    }

    /// Takes what is due. If there is nothing left to do, marks the worker as not running.
    fn next(&mut self, inbox: &mut Inbox) -> Next {
        if !inbox.messages.is_empty() {
            return Next::Turn(mem::take(&mut inbox.messages));
        }
        match self.runs.due() {
            Some(due) if due <= Instant::now() => Next::Turn(Vec::new()),
            Some(due) => Next::Rest(due),
            None => {
                inbox.runs_on = RunsOn::Nothing;
                self.is_finished = true;
                Next::Finished
            }
        }
    }

    fn turn(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.runs.handle(message, &mut self.flush_acks);
        }
        self.runs.turn();
        // A sweep in progress must be finished first, else members stay stopped.
        if !self.runs.have_sweep() {
            self.flush_acks.drain(..).for_each(|ack| ack.send(()));
        }
    }

    /// Takes one turn on the reactor's thread. Returns when the next one is due, or `None` if there is nothing
    /// left to do.
    fn turn_as_guest(&mut self) -> Option<Instant> {
        let mut inbox = lock();
        match self.next(&mut inbox) {
            Next::Turn(messages) => {
                drop(inbox);
                self.turn(messages);
                // The reactor reports exits first.
                Some(Instant::now())
            }
            Next::Rest(until) => Some(until),
            Next::Finished => None,
        }
    }
}

/// Marks the worker as not running, also after a panic. The next request then starts another.
impl Drop for Worker {
    fn drop(&mut self) {
        if !self.is_finished {
            // Dropped without the lock. A dropped request sends its callback an error.
            drop(inbox::close());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError, mpsc};

    use super::*;
    use crate::{
        sys,
        target::KillTarget,
        terminate::{
            escalation::Plan,
            request::{Callbacks, OnTermination, Request},
        },
        types::Scope,
    };

    /// Held by each test: there is one inbox.
    static ONE_TEST: Mutex<()> = Mutex::new(());

    /// Makes two requests that join in one run, whose reports are due at once. Both callbacks panic.
    ///
    /// The run catches the first panic and drops the other call. Its callback then ends the worker thread.
    fn panicking_requests(mut on_first: impl FnMut() + Send + 'static) -> [Message; 2] {
        let target = Arc::new(KillTarget::gone(sys::own_pid()));
        let first: OnTermination = Box::new(move |_| {
            on_first();
            panic!("on purpose");
        });
        [first, Box::new(|_| panic!("on purpose, again"))].map(|on_termination| {
            let plan = Plan { steps: Vec::new(), kill: true, timeout: None };
            let request = Request { allow_self: true, ..Request::new(Scope::Process, plan) };
            let request = CheckedRequest::new(&target, request).unwrap();
            let request = request.reporting_to(Callbacks::new(on_termination));
            Message::Start(Box::new(request))
        })
    }

    /// Starts the worker thread with messages in its inbox.
    fn start(messages: impl IntoIterator<Item = Message>) -> thread::JoinHandle<()> {
        let mut inbox = lock();
        assert!(!inbox.is_running());
        inbox.runs_on = RunsOn::OwnThread;
        inbox.messages.extend(messages);
        thread::spawn(run)
    }

    #[test]
    fn a_panic_of_the_worker_ends_a_flush_that_it_has_read() {
        let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let (ack, flushed) = one_shot();
        let begin = Instant::now();
        let worker = start(panicking_requests(|| {}).into_iter().chain([Message::Flush(ack)]));
        assert_eq!(flushed.wait(exit_hook::TIMEOUT), None);
        let waited = begin.elapsed();
        assert!(worker.join().is_err(), "the worker thread panicked");
        assert!(waited < exit_hook::TIMEOUT, "{waited:?}");
    }

    #[test]
    fn a_panic_of_the_worker_ends_a_flush_that_it_has_not_read() {
        let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let (report_begins, begin) = mpsc::channel();
        let worker = start(panicking_requests(move || {
            report_begins.send(Instant::now()).unwrap();
            while lock().messages.is_empty() {
                thread::yield_now();
            }
        }));
        let begin = begin.recv().unwrap();
        flush();
        let waited = begin.elapsed();
        assert!(worker.join().is_err(), "the worker thread panicked");
        assert!(waited < exit_hook::TIMEOUT, "{waited:?}");
    }
}
