//! The thread that ends what is to be ended, beside the one that waits for ends: to look at all processes takes its time,
//! and no exit is to be told late for it. It is there for as long as there is something to end.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    error::Error,
    exit::Exit,
    job::{Job, Turn},
    later::Later,
    reactor, sys,
    terminate::{LONGEST_BLIND, Order},
};

/// How long the end of this process waits for SIGKILL to be sent.
const LONGEST_FLUSH: Duration = Duration::from_secs(2);

static INBOX: Mutex<Inbox> = Mutex::new(Inbox { messages: Vec::new(), is_manned: false });
static BELL: Condvar = Condvar::new();

/// What the thread is to take note of.
struct Inbox {
    messages: Vec<Message>,
    /// Whether the thread is there.
    is_manned: bool,
}

enum Message {
    Start(Order),
    /// Somebody who was to be ended is over. How, where that was the root.
    Over(usize, Option<Exit>),
    Force(usize),
    Flush(Later<()>),
}

/// Has an order carried out.
///
/// # Errors
/// [`Error::Os`] where there is no thread.
pub(crate) fn submit(order: Order) -> Result<(), Error> {
    let mut inbox = lock();
    if !inbox.is_manned {
        thread::Builder::new()
            .name("killtarget-crew".to_owned())
            .spawn(run)
            .map_err(sys::io_error("clone"))?;
        inbox.is_manned = true;
    }
    inbox.messages.push(Message::Start(order));
    BELL.notify_one();
    Ok(())
}

/// Has an order carried out where others are; otherwise it is given back.
pub(crate) fn submit_beside_others(order: Order) -> Option<Order> {
    let mut inbox = lock();
    if !inbox.is_manned {
        return Some(order);
    }
    inbox.messages.push(Message::Start(order));
    BELL.notify_one();
    None
}

/// Skips what is left of the graces of an order.
pub(crate) fn force(number: usize) {
    post(Message::Force(number));
}

/// Turns all pending graces into SIGKILL, and waits until that was sent.
pub(crate) fn flush() {
    let sent = Later::new();
    if post(Message::Flush(sent.clone())) {
        sent.wait(LONGEST_FLUSH);
    }
}

/// False: there is nobody to take it.
fn post(message: Message) -> bool {
    let mut inbox = lock();
    if inbox.is_manned {
        inbox.messages.push(message);
        BELL.notify_one();
    }
    inbox.is_manned
}

fn lock() -> MutexGuard<'static, Inbox> {
    INBOX.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    let mut jobs = Jobs::default();
    while let Some(messages) = messages(&jobs) {
        let mut flushed = Vec::new();
        for message in messages {
            jobs.take(message, &mut flushed);
        }
        jobs.turn();
        for sent in flushed {
            sent.set(());
        }
    }
}

/// Sleeps until there is something to do. `None`: there is nothing left to be done.
fn messages(jobs: &Jobs) -> Option<Vec<Message>> {
    let mut inbox = lock();
    loop {
        if !inbox.messages.is_empty() {
            return Some(mem::take(&mut inbox.messages));
        }
        if jobs.0.is_empty() {
            inbox.is_manned = false;
            return None;
        }
        let due = jobs.0.iter().filter_map(|begun| begun.due).min();
        let left = due.map(|due| due.saturating_duration_since(Instant::now()));
        inbox = match left {
            Some(Duration::ZERO) => return Some(Vec::new()),
            Some(left) => BELL.wait_timeout(inbox, left).unwrap_or_else(PoisonError::into_inner).0,
            None => BELL.wait(inbox).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

#[derive(Default)]
struct Jobs(Vec<Begun>);

struct Begun {
    /// That of the order that it was begun for.
    number: usize,
    job: Job,
    /// When its next turn is. `None`: when there is news.
    due: Option<Instant>,
}

impl Jobs {
    fn take(&mut self, message: Message, flushed: &mut Vec<Later<()>>) {
        let now = Some(Instant::now());
        match message {
            Message::Start(order) => self.start(order),
            Message::Over(number, exit) => {
                if let Some(begun) = self.0.iter_mut().find(|begun| begun.number == number) {
                    if let Some(exit) = exit {
                        begun.job.root_has_ended(exit);
                    }
                    begun.due = now;
                }
            }
            Message::Force(number) => {
                for begun in &mut self.0 {
                    begun.job.force(Some(number));
                    begun.due = now;
                }
            }
            Message::Flush(sent) => {
                for begun in &mut self.0 {
                    begun.job.force(None);
                    begun.due = now;
                }
                flushed.push(sent);
            }
        }
    }

    fn start(&mut self, order: Order) {
        let due = Some(Instant::now());
        if let Some(begun) = self.0.iter_mut().find(|begun| begun.job.is_at(&order)) {
            begun.job.join(order);
            begun.due = due;
            return;
        }
        let number = order.number;
        // Who panics is dropped, and by that says so to who waits.
        if let Ok(job) = catch_unwind(AssertUnwindSafe(|| Job::new(order))) {
            self.0.push(Begun { number, job, due });
        }
    }

    /// A turn for each whose time has come.
    fn turn(&mut self) {
        let now = Instant::now();
        self.0.retain_mut(|begun| {
            if begun.due.is_none_or(|due| due > now) {
                return true;
            }
            match catch_unwind(AssertUnwindSafe(|| begun.turn())) {
                Ok(Turn::Wait(due)) => {
                    begun.due = due;
                    true
                }
                Ok(Turn::Done) | Err(_) => false,
            }
        });
    }
}

impl Begun {
    fn turn(&mut self) -> Turn {
        let turn = self.job.turn();
        let Turn::Wait(due) = turn else { return turn };
        let blind = if self.watch_all() { None } else { Some(Instant::now() + LONGEST_BLIND) };
        Turn::Wait([due, blind].into_iter().flatten().min())
    }

    /// Has the ends of all who live told. False: some have to be looked at, as there is no descriptor or no thread.
    fn watch_all(&mut self) -> bool {
        let number = self.number;
        let root = self.job.members.root().pid();
        let mut are_watched = true;
        for member in self.job.members.living_mut().iter_mut().filter(|member| member.watching.is_none()) {
            let is_root = member.target.pid() == root;
            let over = move |exit| {
                post(Message::Over(number, is_root.then_some(exit)));
            };
            member.watching = reactor::watch(&member.target, Box::new(over)).ok();
            are_watched &= member.watching.is_some();
        }
        are_watched
    }
}
