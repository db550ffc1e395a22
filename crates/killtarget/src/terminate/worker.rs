//! The thread that ends what is to be ended, beside the one that waits for ends: to look at all processes takes its time,
//! and no exit is to be told late for it. It is there for as long as there is something to end.

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
    one_shot::OneShot,
    request::CheckedRequest,
    run::{self, TerminationRun, Turn},
    turn::turn,
};
use crate::{
    exit_hook::{self, Stage},
    reactor, sys,
    types::{Error, Exit},
};

/// Between two looks at those whose ends are told: an end is told once, and where it could not be seen then (no descriptor
/// was left, say) nothing else would tell of it.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

static INBOX: Mutex<Inbox> = Mutex::new(Inbox { messages: Vec::new(), is_running: false });
static WAKE: Condvar = Condvar::new();
static FLUSHES: AtomicUsize = AtomicUsize::new(0);

/// What the thread is to take note of.
struct Inbox {
    messages: Vec<Message>,
    /// Whether the thread is there.
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
    /// Somebody who was to be ended is over. How, where that was the root.
    Exited(usize, Option<Exit>),
    Force(usize),
    Flush(OneShot<()>),
}

/// Has an order carried out.
///
/// # Errors
/// [`Error::Os`] where there is no thread.
pub(crate) fn submit(mut request: CheckedRequest) -> Result<(), Error> {
    exit_hook::register(Stage::Kill, flush);
    let mut inbox = lock();
    if !inbox.is_running {
        if let Err(error) = thread::Builder::new().name("kt-terminate".to_owned()).spawn(run) {
            // What is returned says it.
            request.sender.discard();
            return Err(sys::io_error(sys::calls::START_THREAD)(error));
        }
        inbox.is_running = true;
    }
    inbox.put(Message::Start(Box::new(request)));
    Ok(())
}

/// Has an order carried out where others are; otherwise it is given back.
pub(crate) fn submit_beside_others(request: CheckedRequest) -> Option<CheckedRequest> {
    let mut inbox = lock();
    if !inbox.is_running {
        return Some(request);
    }
    inbox.put(Message::Start(Box::new(request)));
    None
}

/// Skips what is left of the graces of an order.
pub(crate) fn force(number: usize) {
    post(Message::Force(number));
}

/// How often everything was flushed, by which those who are at something themselves see that they are to hurry.
pub(crate) fn flushes() -> usize {
    FLUSHES.load(Ordering::Relaxed)
}

/// Turns all pending graces into SIGKILL, and waits until that was sent.
fn flush() {
    FLUSHES.fetch_add(1, Ordering::Relaxed);
    let ack = OneShot::new();
    if post(Message::Flush(ack.clone())) {
        ack.wait(exit_hook::TIMEOUT);
    }
}

/// False: there is nobody to take it.
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
        // What has begun to be sent is to be sent to the last of them.
        if !runs.0.iter().any(|active| active.run.has_sweep()) {
            flush_acks.drain(..).for_each(|ack: OneShot<()>| ack.set(()));
        }
    }
    // It was left in order, and somebody else may be at it by now.
    mem::forget(guard);
}

/// Whoever leaves it, and be it by a panic, leaves it unmanned: the next order finds somebody else.
struct RunningGuard;

impl Drop for RunningGuard {
    fn drop(&mut self) {
        let mut inbox = lock();
        inbox.is_running = false;
        // What was not taken any more is dropped, and by that says so to those who wait.
        let unread = mem::take(&mut inbox.messages);
        drop(inbox);
        drop(unread);
    }
}

/// Sleeps until there is something to do. `None`: there is nothing left to be done.
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
    /// That of the order that it was begun for.
    number: usize,
    run: TerminationRun,
    /// When its next turn is. `None`: when there is news.
    due: Option<Instant>,
    is_done: bool,
}

impl ActiveRuns {
    fn handle(&mut self, message: Message, flush_acks: &mut Vec<OneShot<()>>) {
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
        // Who panics is dropped, and by that says so to who waits.
        if let Ok(run) = catch_unwind(AssertUnwindSafe(|| TerminationRun::new(request))) {
            self.0.push(ActiveRun { number, run, due, is_done: false });
        }
    }

    /// A turn for each whose time has come.
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
    /// When the next turn is.
    fn next(&mut self) -> Option<Instant> {
        let Turn::Wait(due) = self.run.next() else {
            self.is_done = true;
            return None;
        };
        let limit = Instant::now() + if self.watch_all() { CHECK_INTERVAL } else { run::MAX_POLL_INTERVAL };
        Some(due.map_or(limit, |due| due.min(limit)))
    }

    /// Has the ends of all who live told. False: some have to be looked at, as there is no descriptor or no thread.
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
