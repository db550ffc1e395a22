//! The messages to the worker.

use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{one_shot::Sender, request::CheckedRequest};
use crate::{reactor, types::Exit};

static INBOX: Mutex<Inbox> = Mutex::new(Inbox { messages: Vec::new(), runs_on: RunsOn::Nothing });
static WAKE: Condvar = Condvar::new();

/// The inbox of the worker.
pub(super) struct Inbox {
    pub(super) messages: Vec<Message>,
    pub(super) runs_on: RunsOn,
}

/// The thread that the worker runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunsOn {
    /// The worker is not running.
    Nothing,
    OwnThread,
    /// The reactor's thread, because the system refused another thread.
    ReactorThread,
}

pub(super) enum Message {
    Start(Box<CheckedRequest>),
    /// A member exited. The status is that of the root, `None` for others.
    Exited(usize, Option<Exit>),
    Force(usize),
    Flush(Sender<()>),
}

impl Inbox {
    pub(super) fn is_running(&self) -> bool {
        self.runs_on != RunsOn::Nothing
    }

    pub(super) fn put(&mut self, message: Message) {
        self.messages.push(message);
        match self.runs_on {
            RunsOn::ReactorThread => reactor::wake_guest(),
            RunsOn::OwnThread | RunsOn::Nothing => WAKE.notify_one(),
        }
    }
}

/// Sends a message. Returns false if the worker is not running.
pub(super) fn post(message: Message) -> bool {
    let mut inbox = lock();
    let is_running = inbox.is_running();
    if is_running {
        inbox.put(message);
    }
    is_running
}

/// Marks the worker as not running, and takes the messages that it has not read. The caller drops them without
/// the lock: a dropped request sends its callback an error.
pub(super) fn close() -> Vec<Message> {
    let mut inbox = lock();
    inbox.runs_on = RunsOn::Nothing;
    mem::take(&mut inbox.messages)
}

/// Sleeps until there is a message, or until the time. May return early.
pub(super) fn wait(inbox: MutexGuard<'static, Inbox>, until: Instant) {
    let remaining = until.saturating_duration_since(Instant::now());
    drop(WAKE.wait_timeout(inbox, remaining));
}

pub(super) fn lock() -> MutexGuard<'static, Inbox> {
    INBOX.lock().unwrap_or_else(PoisonError::into_inner)
}
