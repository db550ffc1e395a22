//! The watched processes and their waiters.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use polling::Poller;

use crate::{
    sys,
    target::KillTarget,
    types::{Error, Exit},
};

/// The intervals between polls of a process that sends no exit event.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(1);
pub(super) const MAX_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The interval between checks of all processes, where an exit event may be dropped.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Called once, on the reactor's thread, when the process has exited. It must not block.
pub type Waiter = Box<dyn FnOnce(Exit) + Send>;

/// A wait that can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wait {
    pub(super) watch: Key,
    waiter: usize,
}

/// The id of a watch. It is never reused, so a late event cannot reach the watch of another process.
pub(super) type Key = usize;

/// All watches.
#[derive(Default)]
pub(super) struct Watches {
    by_key: HashMap<Key, Watch>,
    /// The key of each watch, by the target's address, which is fixed while it is watched.
    keys: HashMap<usize, Key>,
    /// The watches without exit events.
    polls: HashMap<Key, Poll>,
    /// When to check all processes, where an exit event may be dropped.
    next_check: Option<Instant>,
    /// The last id, of a watch or a waiter.
    last_id: usize,
}

/// A watched process and its waiters.
pub(super) struct Watch {
    pub(super) target: Arc<KillTarget>,
    pub(super) waiters: Vec<(usize, Waiter)>,
}

/// When to poll a process.
struct Poll {
    due: Instant,
    interval: Duration,
}

impl Watches {
    pub(super) fn add(
        &mut self,
        target: &Arc<KillTarget>,
        waiter: Waiter,
        poller: &Poller,
    ) -> Result<Wait, Error> {
        let known = self.keys.get(&address(target)).copied();
        let key = match known {
            Some(key) => key,
            None => self.watch(target, poller)?,
        };
        let wait = Wait { watch: key, waiter: self.next_id() };
        if let Some(watch) = self.by_key.get_mut(&key) {
            watch.waiters.push((wait.waiter, waiter));
        }
        Ok(wait)
    }

    fn watch(&mut self, target: &Arc<KillTarget>, poller: &Poller) -> Result<Key, Error> {
        let key = self.next_id();
        // A process that has exited already sends its event immediately.
        let sends_event = target.watch(poller, key)?;
        // Wakes the thread, so that it polls this process too. The poller may also apply a change only at its
        // next wait.
        if (!sends_event || !sys::EXIT_EVENTS_RELIABLE)
            && let Err(error) = poller.notify()
        {
            if sends_event {
                target.unwatch(poller);
            }
            return Err(sys::io_error(sys::calls::WAKE_POLLER)(error));
        }
        let now = Instant::now();
        if !sends_event {
            self.polls.insert(key, Poll { due: now, interval: MIN_POLL_INTERVAL });
        }
        if !sys::EXIT_EVENTS_RELIABLE {
            self.next_check.get_or_insert(now + CHECK_INTERVAL);
        }
        self.keys.insert(address(target), key);
        self.by_key.insert(key, Watch { target: Arc::clone(target), waiters: Vec::with_capacity(1) });
        Ok(key)
    }

    fn next_id(&mut self) -> usize {
        self.last_id += 1;
        self.last_id
    }

    /// Removes a wait. Returns what the caller must drop.
    pub(super) fn remove(&mut self, wait: Wait, poller: &Poller) -> Option<(Option<Waiter>, Option<Watch>)> {
        let watch = self.by_key.get_mut(&wait.watch)?;
        let index = watch.waiters.iter().position(|(waiter, _)| *waiter == wait.waiter)?;
        let (_, waiter) = watch.waiters.swap_remove(index);
        let was_last = watch.waiters.is_empty();
        Some((Some(waiter), if was_last { self.take(wait.watch, poller) } else { None }))
    }

    pub(super) fn take(&mut self, key: Key, poller: &Poller) -> Option<Watch> {
        let watch = self.by_key.remove(&key)?;
        self.keys.remove(&address(&watch.target));
        if self.polls.remove(&key).is_none() {
            watch.target.unwatch(poller);
        }
        Some(watch)
    }

    pub(super) fn next_poll(&self) -> Option<Instant> {
        self.polls.values().map(|poll| poll.due).chain(self.next_check).min()
    }

    pub(super) fn all(&self) -> Vec<(Key, Arc<KillTarget>)> {
        self.by_key.iter().map(|(key, watch)| (*key, Arc::clone(&watch.target))).collect()
    }

    /// Returns the processes that must be polled now, and schedules their next poll.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(Key, Arc<KillTarget>)> {
        if self.next_check.is_some_and(|due| due <= now) {
            self.next_check = (!self.by_key.is_empty()).then(|| now + CHECK_INTERVAL);
            return self.all();
        }
        let mut due = Vec::new();
        for (key, poll) in self.polls.iter_mut().filter(|(_, poll)| poll.due <= now) {
            if let Some(watch) = self.by_key.get(key) {
                due.push((*key, Arc::clone(&watch.target)));
            }
            poll.interval = (poll.interval * 2).min(MAX_POLL_INTERVAL);
            poll.due = now + poll.interval;
        }
        due
    }
}

fn address(target: &Arc<KillTarget>) -> usize {
    Arc::as_ptr(target).addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Pid;

    /// An event is read first and handled later. In between its wait may be cancelled, and another target may
    /// take the same address.
    #[test]
    fn a_key_is_never_reused_so_a_late_event_reaches_no_watch() {
        let poller = Poller::new().unwrap();
        let mut watches = Watches::default();
        let mut target = Arc::new(KillTarget::gone(Pid::INIT));
        let mut keys = Vec::new();
        for _ in 0..100 {
            let wait = watches.add(&target, Box::new(drop), &poller).unwrap();
            assert!(!keys.contains(&wait.watch));
            keys.push(wait.watch);
            drop(watches.remove(wait, &poller));
            // It most often gets the same address.
            drop(target);
            target = Arc::new(KillTarget::gone(Pid::INIT));
            assert!(keys.iter().all(|key| watches.take(*key, &poller).is_none()));
        }
        assert!(watches.by_key.is_empty() && watches.keys.is_empty() && watches.polls.is_empty());
    }
}
