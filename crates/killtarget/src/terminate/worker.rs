//! The worker thread, which runs all terminations. It is not the reactor's thread, because a scan of all
//! processes must not delay the reports of exits. It exits when there is nothing to terminate.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    one_shot::{Sender, one_shot},
    request::CheckedRequest,
    run::{self, TerminationRun, Turn},
    turn::turn,
};
use crate::{
    exit_hook::{self, Stage},
    reactor, sys,
    types::{Error, Exit},
};

/// The interval between checks of watched processes. An exit event comes once: if the exit could not be read
/// then, as without a free descriptor, only a check finds it.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

static INBOX: Mutex<Inbox> = Mutex::new(Inbox { messages: Vec::new(), is_running: false });
static WAKE: Condvar = Condvar::new();
static FLUSHES: AtomicUsize = AtomicUsize::new(0);

/// The messages to the worker thread.
struct Inbox {
    messages: Vec<Message>,
    /// Whether the thread is running.
    is_running: bool,
}

impl Inbox {
    fn put(&mut self, message: Message) {
        self.messages.push(message);
        WAKE.notify_one();
    }
}

enum Message {
    Start(Box<CheckedRequest>),
    /// A member exited. The status is that of the root, `None` for others.
    Exited(usize, Option<Exit>),
    Force(usize),
    Flush(Sender<()>),
}

/// Starts a termination.
///
/// # Errors
/// [`Error::Os`] if no thread can be started.
pub(crate) fn submit(mut request: CheckedRequest) -> Result<(), Error> {
    exit_hook::register(Stage::Kill, flush);
    let mut inbox = lock();
    if !inbox.is_running {
        if let Err(error) = thread::Builder::new().name("kt-terminate".to_owned()).spawn(run) {
            // The error is returned instead.
            request.sender.discard();
            return Err(sys::io_error(sys::calls::START_THREAD)(error));
        }
        inbox.is_running = true;
    }
    inbox.put(Message::Start(Box::new(request)));
    Ok(())
}

/// Starts a termination if the thread is running. Otherwise returns the request.
pub(crate) fn submit_if_running(request: CheckedRequest) -> Option<CheckedRequest> {
    let mut inbox = lock();
    if !inbox.is_running {
        return Some(request);
    }
    inbox.put(Message::Start(Box::new(request)));
    None
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
    // If a panic ends the worker thread, it drops the sender, and this stops waiting.
    if post(Message::Flush(ack)) {
        flushed.wait(exit_hook::TIMEOUT);
    }
}

/// Sends a message. Returns false if the thread is not running.
fn post(message: Message) -> bool {
    let mut inbox = lock();
    if inbox.is_running {
        inbox.put(message);
    }
    inbox.is_running
}

fn lock() -> MutexGuard<'static, Inbox> {
    INBOX.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    let guard = RunningGuard;
    let mut runs = ActiveRuns::default();
    let mut flush_acks = Vec::new();
    while let Some(messages) = next_messages(&runs) {
        for message in messages {
            runs.handle(message, &mut flush_acks);
        }
        runs.turn();
        // A sweep in progress must be finished first, else members stay stopped.
        if !runs.0.iter().any(|active| active.run.has_sweep()) {
            flush_acks.drain(..).for_each(|ack: Sender<()>| ack.send(()));
        }
    }
    // The thread has already been marked as not running. Another one may be by now.
    mem::forget(guard);
}

/// Marks the thread as not running when it exits, also by a panic. The next request then starts another.
struct RunningGuard;

impl Drop for RunningGuard {
    fn drop(&mut self) {
        let mut inbox = lock();
        inbox.is_running = false;
        // Dropped without the lock. A dropped request sends its callback an error.
        let unread = mem::take(&mut inbox.messages);
        drop(inbox);
        drop(unread);
    }
}

/// Waits until a message or a termination is due. Returns `None` if there is nothing left to do.
fn next_messages(runs: &ActiveRuns) -> Option<Vec<Message>> {
    let mut inbox = lock();
    loop {
        if !inbox.messages.is_empty() {
            return Some(mem::take(&mut inbox.messages));
        }
        if runs.0.is_empty() {
            inbox.is_running = false;
            return None;
        }
        let due = runs.0.iter().filter_map(|active| active.due).min();
        let remaining = due.map(|due| due.saturating_duration_since(Instant::now()));
        inbox = match remaining {
            Some(Duration::ZERO) => return Some(Vec::new()),
            Some(remaining) => WAKE.wait_timeout(inbox, remaining).unwrap_or_else(PoisonError::into_inner).0,
            None => WAKE.wait(inbox).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

#[derive(Default)]
struct ActiveRuns(Vec<ActiveRun>);

struct ActiveRun {
    /// The number of the call that started it.
    number: usize,
    run: TerminationRun,
    /// When the next turn is due. `None` until there is a message.
    due: Option<Instant>,
    is_done: bool,
}

impl ActiveRuns {
    fn handle(&mut self, message: Message, flush_acks: &mut Vec<Sender<()>>) {
        let now = Some(Instant::now());
        match message {
            Message::Start(request) => self.start(*request),
            Message::Exited(number, exit) => {
                if let Some(active) = self.0.iter_mut().find(|active| active.number == number) {
                    if let Some(exit) = exit {
                        active.run.record_root_exit(exit);
                    }
                    active.due = now;
                }
            }
            Message::Force(number) => {
                for active in &mut self.0 {
                    active.run.force(Some(number));
                    active.due = now;
                }
            }
            Message::Flush(ack) => {
                for active in &mut self.0 {
                    active.run.force(None);
                    active.due = now;
                }
                flush_acks.push(ack);
            }
        }
    }

    fn start(&mut self, request: CheckedRequest) {
        let due = Some(Instant::now());
        if let Some(active) = self.0.iter_mut().find(|active| active.run.matches(&request)) {
            active.run.join(request);
            active.due = due;
            return;
        }
        let number = request.number;
        // A panic drops the request, which sends its callback an error.
        if let Ok(run) = catch_unwind(AssertUnwindSafe(|| TerminationRun::new(request))) {
            self.0.push(ActiveRun { number, run, due, is_done: false });
        }
    }

    /// Gives a turn to each termination that is due.
    fn turn(&mut self) {
        let now = Instant::now();
        let is_due = |active: &ActiveRun| active.due.is_some_and(|due| due <= now);
        let mut due: Vec<_> = self.0.iter_mut().filter(|active| is_due(active)).collect();
        turn(&mut due.iter_mut().map(|active| &mut active.run).collect::<Vec<_>>());
        for active in due {
            active.due = active.next();
        }
        self.0.retain(|active| !active.is_done);
    }
}

impl ActiveRun {
    /// Returns when the next turn is due.
    fn next(&mut self) -> Option<Instant> {
        let Turn::Wait(due) = self.run.next() else {
            self.is_done = true;
            return None;
        };
        let limit = Instant::now() + if self.watch_all() { CHECK_INTERVAL } else { run::MAX_POLL_INTERVAL };
        Some(due.map_or(limit, |due| due.min(limit)))
    }

    /// Watches every member. Returns false if some must be polled, because there is no descriptor or no
    /// thread.
    fn watch_all(&mut self) -> bool {
        let number = self.number;
        let root = self.run.members.root().pid();
        let mut is_all_watched = true;
        for member in self.run.members.awaited().filter(|member| member.watching.is_none()) {
            let is_root = member.target.pid() == root;
            let on_exit = move |exit| {
                post(Message::Exited(number, is_root.then_some(exit)));
            };
            member.watching = reactor::watch(&member.target, Box::new(on_exit)).ok();
            is_all_watched &= member.watching.is_some();
        }
        is_all_watched
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::{
        target::KillTarget,
        terminate::{
            escalation::Plan,
            request::{OnTermination, Request},
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
        let plan = Plan { steps: Vec::new(), kill: true, timeout: None };
        let request = Request { scope: Some(Scope::Process), plan, allow_self: true, forced: false };
        let first: OnTermination = Box::new(move |_| {
            on_first();
            panic!("on purpose");
        });
        [first, Box::new(|_| panic!("on purpose, again"))].map(|on_termination| {
            let request = CheckedRequest::new(&target, request.clone(), on_termination).unwrap();
            Message::Start(Box::new(request))
        })
    }

    /// Starts the worker thread with messages in its inbox.
    fn start(messages: impl IntoIterator<Item = Message>) -> thread::JoinHandle<()> {
        let mut inbox = lock();
        assert!(!inbox.is_running);
        inbox.is_running = true;
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
