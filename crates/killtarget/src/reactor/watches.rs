//! The watched processes and their waiters.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use polling::Poller;
use rustc_hash::FxHashMap;

use super::timers::pop_due;
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
    by_key: FxHashMap<Key, Watch>,
    /// The key of each watch, by the target's address, which is fixed while it is watched.
    keys: FxHashMap<usize, Key>,
    /// When to poll each watch without exit events, in that order.
    polls_due: BTreeSet<(Instant, Key)>,
    /// When to check all processes, where an exit event may be dropped.
    next_check: Option<Instant>,
    /// The last id, of a watch or a waiter.
    last_id: usize,
}

/// A watched process and its waiters.
pub(super) struct Watch {
    pub(super) target: Arc<KillTarget>,
    pub(super) waiters: Waiters,
    /// Without exit events.
    poll: Option<Poll>,
}

/// The waiters of a process, in the order in which they came.
///
/// Ids grow, so a binary search finds one. A removed waiter leaves a gap. The gaps are closed when they are more
/// than half: a removal costs little, however many waiters there are.
#[derive(Default)]
pub(super) struct Waiters {
    slots: Vec<(usize, Option<Waiter>)>,
    gaps: usize,
}

impl Waiters {
    fn push(&mut self, id: usize, waiter: Waiter) {
        self.slots.push((id, Some(waiter)));
    }

    fn remove(&mut self, id: usize) -> Option<Waiter> {
        let index = self.slots.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let waiter = self.slots[index].1.take()?;
        self.gaps += 1;
        if self.gaps * 2 > self.slots.len() {
            self.slots.retain(|(_, waiter)| waiter.is_some());
            self.gaps = 0;
        }
        Some(waiter)
    }

    fn is_empty(&self) -> bool {
        self.gaps == self.slots.len()
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Waiter> {
        self.slots.into_iter().filter_map(|(_, waiter)| waiter)
    }
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
            watch.waiters.push(wait.waiter, waiter);
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
        let poll = (!sends_event).then_some(Poll { due: now, interval: MIN_POLL_INTERVAL });
        if poll.is_some() {
            self.polls_due.insert((now, key));
        }
        if !sys::EXIT_EVENTS_RELIABLE {
            self.next_check.get_or_insert(now + CHECK_INTERVAL);
        }
        self.keys.insert(address(target), key);
        self.by_key.insert(key, Watch { target: Arc::clone(target), waiters: Waiters::default(), poll });
        Ok(key)
    }

    fn next_id(&mut self) -> usize {
        self.last_id += 1;
        self.last_id
    }

    /// Removes a wait. Returns what the caller must drop.
    pub(super) fn remove(&mut self, wait: Wait, poller: &Poller) -> Option<(Option<Waiter>, Option<Watch>)> {
        let watch = self.by_key.get_mut(&wait.watch)?;
        let waiter = watch.waiters.remove(wait.waiter)?;
        let was_last = watch.waiters.is_empty();
        Some((Some(waiter), if was_last { self.take(wait.watch, poller) } else { None }))
    }

    pub(super) fn take(&mut self, key: Key, poller: &Poller) -> Option<Watch> {
        let watch = self.by_key.remove(&key)?;
        self.keys.remove(&address(&watch.target));
        match &watch.poll {
            Some(poll) => {
                self.polls_due.remove(&(poll.due, key));
            }
            None => watch.target.unwatch(poller),
        }
        Some(watch)
    }

    pub(super) fn next_poll(&self) -> Option<Instant> {
        self.polls_due.first().map(|(due, _)| *due).into_iter().chain(self.next_check).min()
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
        while let Some(key) = pop_due(&mut self.polls_due, now) {
            if let Some(Watch { target, poll: Some(poll), .. }) = self.by_key.get_mut(&key) {
                due.push((key, Arc::clone(target)));
                poll.interval = (poll.interval * 2).min(MAX_POLL_INTERVAL);
                poll.due = now + poll.interval;
                self.polls_due.insert((poll.due, key));
            }
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

    /// Returns the least time of five runs, each with new waits on one target.
    fn time(waits: usize, mut run: impl FnMut(&mut Watches, &[Wait], &Poller)) -> Duration {
        let poller = Poller::new().unwrap();
        let target = Arc::new(KillTarget::gone(Pid::INIT));
        let round = || {
            let mut watches = Watches::default();
            let waits: Vec<_> =
                (0..waits).map(|_| watches.add(&target, Box::new(drop), &poller).unwrap()).collect();
            let start = Instant::now();
            run(&mut watches, &waits, &poller);
            start.elapsed()
        };
        std::iter::repeat_with(round).take(5).min().unwrap()
    }

    #[test]
    fn cancelling_many_waits_on_a_target_takes_no_longer_for_each_than_cancelling_few() {
        let orders: [fn(&mut Vec<Wait>); 2] = [|_| {}, |waits| waits.reverse()];
        for order in orders {
            let cancel_all = |watches: &mut Watches, waits: &[Wait], poller: &Poller| {
                let mut waits = waits.to_vec();
                order(&mut waits);
                for wait in waits {
                    assert!(watches.remove(wait, poller).is_some());
                    assert!(watches.remove(wait, poller).is_none());
                }
                assert!(watches.by_key.is_empty());
            };
            // If each removal were linear in their number, this would be 256 times as much, and not 16. On a busy machine
            // any run may take longer.
            let is_linear = || {
                let [few, many] = [1_000, 16_000].map(|waits| time(waits, cancel_all));
                many < few * 64
            };
            assert!((0..20).any(|_| is_linear()));
        }
    }

    #[test]
    fn waiters_stay_in_the_order_in_which_they_came() {
        let poller = Poller::new().unwrap();
        let mut watches = Watches::default();
        let target = Arc::new(KillTarget::gone(Pid::INIT));
        let (sender, called) = std::sync::mpsc::channel();
        let mut add = |number: usize| {
            let sender = sender.clone();
            watches.add(&target, Box::new(move |_| sender.send(number).unwrap()), &poller).unwrap()
        };
        let waits: Vec<_> = (0..100).map(&mut add).collect();
        for wait in waits.iter().step_by(3).chain(waits.iter().step_by(2)) {
            watches.remove(*wait, &poller);
        }
        for waiter in watches.take(waits[0].watch, &poller).unwrap().waiters.into_iter() {
            waiter(Exit::Unknown);
        }
        let left: Vec<_> = (0..100).filter(|number| number % 3 != 0 && number % 2 != 0).collect();
        assert_eq!(called.try_iter().collect::<Vec<_>>(), left);
    }

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
        assert!(watches.by_key.is_empty() && watches.keys.is_empty() && watches.polls_due.is_empty());
    }
}
