//! What is due at a time.

use std::{collections::BTreeSet, time::Instant};

use rustc_hash::FxHashMap;

/// Called once, on the reactor's thread, at its time or later. It must not block.
pub type OnTime = Box<dyn FnOnce() + Send>;

/// A timer that can be cancelled. Timers are in the order of their times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    due: Instant,
    id: usize,
}

#[derive(Default)]
pub(super) struct Timers {
    /// The times and the ids of all, in the order of the times.
    due: BTreeSet<(Instant, usize)>,
    /// What to call, by the id.
    pending: FxHashMap<usize, OnTime>,
    last_id: usize,
}

impl Timers {
    pub(super) fn add(&mut self, due: Instant, on_time: OnTime) -> Timer {
        self.last_id += 1;
        self.due.insert((due, self.last_id));
        self.pending.insert(self.last_id, on_time);
        Timer { due, id: self.last_id }
    }

    /// Removes a timer. Returns `None` if it is being called or was called.
    pub(super) fn remove(&mut self, timer: Timer) -> Option<OnTime> {
        self.due.remove(&(timer.due, timer.id));
        self.pending.remove(&timer.id)
    }

    /// Returns when the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Removes those that are due, and returns what to call.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<OnTime> {
        let mut due = Vec::new();
        while let Some(id) = pop_due(&mut self.due, now) {
            due.extend(self.pending.remove(&id));
        }
        due
    }
}

/// Removes the first of what is due by now, and returns its id.
pub(super) fn pop_due(queue: &mut BTreeSet<(Instant, usize)>, now: Instant) -> Option<usize> {
    queue.first().filter(|(due, _)| *due <= now)?;
    queue.pop_first().map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    #[test]
    fn timers_are_due_in_the_order_of_their_times() {
        let now = Instant::now();
        let called = Arc::new(Mutex::new(Vec::new()));
        let mut timers = Timers::default();
        assert_eq!(timers.next(), None);
        let added = [3, 1, 2, 1, 9].map(|delay| {
            let called = Arc::clone(&called);
            timers.add(now + Duration::from_secs(delay), Box::new(move || called.lock().unwrap().push(delay)))
        });
        assert_eq!(timers.next(), Some(now + Duration::from_secs(1)));
        assert!(timers.remove(added[2]).is_some());
        assert!(timers.remove(added[2]).is_none());
        timers.take_due(now).into_iter().for_each(|on_time| on_time());
        assert!(called.lock().unwrap().is_empty());
        timers.take_due(now + Duration::from_secs(3)).into_iter().for_each(|on_time| on_time());
        assert_eq!(*called.lock().unwrap(), [1, 1, 3]);
        assert_eq!(timers.next(), Some(now + Duration::from_secs(9)));
        assert!(timers.remove(added[0]).is_none(), "it was called");
    }
}
