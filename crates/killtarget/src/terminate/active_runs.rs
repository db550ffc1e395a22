//! The terminations in progress.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    inbox::{Message, post},
    one_shot::Sender,
    request::CheckedRequest,
    run::{self, TerminationRun, Turn},
    turn::turn,
};
use crate::reactor;

/// The interval between checks of watched processes. An exit event comes once: if the exit could not be read
/// then, as without a free descriptor, only a check finds it.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct ActiveRuns(Vec<ActiveRun>);

struct ActiveRun {
    /// The number of the call that started it.
    number: usize,
    run: TerminationRun,
    /// When the next turn is due.
    due: Instant,
    is_done: bool,
}

impl ActiveRuns {
    pub(super) fn handle(&mut self, message: Message, flush_acks: &mut Vec<Sender<()>>) {
        let now = Instant::now();
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
        let due = Instant::now();
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

    /// Returns when the next turn is due, or `None` if no termination is in progress.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.iter().map(|active| active.due).min()
    }

    /// Returns whether a sweep is sending SIGKILL.
    pub(super) fn have_sweep(&self) -> bool {
        self.0.iter().any(|active| active.run.has_sweep())
    }

    /// Gives a turn to each termination that is due.
    pub(super) fn turn(&mut self) {
        let now = Instant::now();
        let mut due: Vec<_> = self.0.iter_mut().filter(|active| active.due <= now).collect();
        turn(&mut due.iter_mut().map(|active| &mut active.run).collect::<Vec<_>>());
        due.into_iter().for_each(ActiveRun::schedule);
        self.0.retain(|active| !active.is_done);
    }
}

impl ActiveRun {
    /// Decides when the next turn is due.
    fn schedule(&mut self) {
        let Turn::Wait(due) = self.run.next() else {
            self.is_done = true;
            return;
        };
        let limit = Instant::now() + if self.watch_all() { CHECK_INTERVAL } else { run::MAX_POLL_INTERVAL };
        self.due = due.map_or(limit, |due| due.min(limit));
    }

    /// Watches every member. Returns false if some must be polled, because there is no descriptor or no
    /// thread.
    fn watch_all(&mut self) -> bool {
        let number = self.number;
        let root = Arc::clone(self.run.members.root());
        let mut is_all_watched = true;
        for member in self.run.members.awaited().filter(|member| member.watching.is_none()) {
            // A later process may have its pid.
            let is_root = Arc::ptr_eq(&member.target, &root);
            let on_exit = move |exit| {
                post(Message::Exited(number, is_root.then_some(exit)));
            };
            member.watching = reactor::watch(&member.target, Box::new(on_exit)).ok();
            is_all_watched &= member.watching.is_some();
        }
        is_all_watched
    }
}
