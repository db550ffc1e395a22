//! One thread that waits for the ends of processes, all of them.
//!
//! It is started at the first wait and asleep unless something ends: an exit is an event of the system's, not something
//! that is looked for. Only a process that is held by less than a handle has to be looked at, ever more rarely; and, where
//! the system may fail to send an event, all of them every now and then.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use polling::{Events, Poller};

use crate::{
    sys,
    target::KillTarget,
    types::{Error, Exit},
};

/// Between two polls at a process that sends no event.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(1);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Between two polls at all the others, where it may be that no event is sent.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Called on the reactor's thread, once, when the process is over. It must not wait for anything.
pub type Waiter = Box<dyn FnOnce(Exit) + Send>;

/// One wait, by which it can be called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wait {
    watch: Key,
    waiter: usize,
}

/// Has the waiter called when the target is over.
///
/// # Errors
/// [`Error::Os`] where there is no descriptor, or no thread, to wait with.
pub fn on_exit(target: &Arc<KillTarget>, waiter: Waiter) -> Result<Wait, Error> {
    let reactor = Reactor::get()?;
    reactor.lock().add(target, waiter, &reactor.poller)
}

/// A wait that is called off when this is dropped.
#[derive(Debug)]
pub(crate) struct Watching(Wait);

impl Drop for Watching {
    fn drop(&mut self) {
        cancel(self.0);
    }
}

/// [`on_exit`] for as long as what comes back is kept.
pub(crate) fn watch(target: &Arc<KillTarget>, waiter: Waiter) -> Result<Watching, Error> {
    on_exit(target, waiter).map(Watching)
}

/// Calls a wait off: its waiter is dropped, unless it has been called, or is just being.
pub fn cancel(wait: Wait) {
    if let Some(reactor) = REACTOR.get() {
        // Dropped when the lock is free again: what a waiter holds may take its time to let go.
        let _cancelled = reactor.lock().remove(wait, &reactor.poller);
    }
}

static REACTOR: OnceLock<Reactor> = OnceLock::new();

struct Reactor {
    poller: Poller,
    watches: Mutex<Watches>,
}

/// The number of a watch. It is never given again: an event that is told late finds nobody rather than another process.
type Key = usize;

/// What is waited for.
#[derive(Default)]
struct Watches {
    by_key: HashMap<Key, Watch>,
    /// By the address of the target, which stays where it is while it is watched.
    keys: HashMap<usize, Key>,
    /// Those of which no event will tell.
    polls: HashMap<Key, Poll>,
    /// When to poll at all, where not every event can be relied on.
    next_check: Option<Instant>,
    /// The last number given, to a watch or to a waiter.
    last_id: usize,
}

/// One process that is waited for, by however many.
struct Watch {
    target: Arc<KillTarget>,
    waiters: Vec<(usize, Waiter)>,
}

/// When to poll whether a process is over.
struct Poll {
    due: Instant,
    interval: Duration,
}

impl Reactor {
    /// The one of this process. Where it can't be started, the next wait tries again.
    fn get() -> Result<&'static Self, Error> {
        static STARTING: Mutex<()> = Mutex::new(());
        if let Some(reactor) = REACTOR.get() {
            return Ok(reactor);
        }
        let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reactor) = REACTOR.get() {
            return Ok(reactor);
        }
        let poller = Poller::new().map_err(sys::io_error(sys::calls::MAKE_POLLER))?;
        thread::Builder::new()
            .name("killtarget".to_owned())
            .spawn(|| REACTOR.wait().run())
            .map_err(sys::io_error(sys::calls::START_THREAD))?;
        Ok(REACTOR.get_or_init(|| Self { poller, watches: Mutex::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut events = Events::new();
        loop {
            // A turn that panics must not be the last one.
            let turned = catch_unwind(AssertUnwindSafe(|| self.turn(&mut events)));
            if !matches!(turned, Ok(Ok(()))) {
                // What fails now may fail for long: it is tried again, and not without a pause.
                thread::sleep(MAX_POLL_INTERVAL);
            }
        }
    }

    /// Waits for something to happen, and tells of it.
    fn turn(&self, events: &mut Events) -> std::io::Result<()> {
        events.clear();
        let timeout = self.lock().next_poll().map(|due| due.saturating_duration_since(Instant::now()));
        self.poller.wait(events, timeout)?;
        for event in events.iter() {
            self.report_exit(event.key);
        }
        let due = self.lock().due(Instant::now());
        for (key, target) in due {
            // Where it can't be seen now (no descriptor is left, say) it is looked at again.
            if target.is_alive() == Ok(false) {
                self.report_exit(key);
            }
        }
        Ok(())
    }

    /// Tells all who wait for a process that it is over.
    fn report_exit(&self, key: Key) {
        let Some(watch) = self.lock().take(key, &self.poller) else { return };
        let exit = watch.target.exit().unwrap_or(Exit::Unknown);
        for (_, waiter) in watch.waiters {
            // One that panics must not take the others' exits with it.
            let _ = catch_unwind(AssertUnwindSafe(|| waiter(exit)));
        }
    }
}

impl Watches {
    fn add(&mut self, target: &Arc<KillTarget>, waiter: Waiter, poller: &Poller) -> Result<Wait, Error> {
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
        // What is over already sends its event at once.
        let sends_event = target.watch(poller, key)?;
        // The thread is to reckon with it; or with the poller, which may have put it off until the next time it waits.
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

    /// Gives what is to be dropped.
    fn remove(&mut self, wait: Wait, poller: &Poller) -> Option<(Option<Waiter>, Option<Watch>)> {
        let watch = self.by_key.get_mut(&wait.watch)?;
        let index = watch.waiters.iter().position(|(waiter, _)| *waiter == wait.waiter)?;
        let (_, waiter) = watch.waiters.swap_remove(index);
        let was_last = watch.waiters.is_empty();
        Some((Some(waiter), if was_last { self.take(wait.watch, poller) } else { None }))
    }

    fn take(&mut self, key: Key, poller: &Poller) -> Option<Watch> {
        let watch = self.by_key.remove(&key)?;
        self.keys.remove(&address(&watch.target));
        if self.polls.remove(&key).is_none() {
            watch.target.unwatch(poller);
        }
        Some(watch)
    }

    fn next_poll(&self) -> Option<Instant> {
        self.polls.values().map(|poll| poll.due).chain(self.next_check).min()
    }

    /// Those whose time to be looked at has come, each with a later one set.
    fn due(&mut self, now: Instant) -> Vec<(Key, Arc<KillTarget>)> {
        if self.next_check.is_some_and(|due| due <= now) {
            self.next_check = (!self.by_key.is_empty()).then(|| now + CHECK_INTERVAL);
            return self.by_key.iter().map(|(key, watch)| (*key, Arc::clone(&watch.target))).collect();
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
    use std::{
        process::{Child, Command, Stdio},
        sync::mpsc::{Receiver, channel},
    };

    use super::*;
    use crate::types::Pid;

    /// One that ends with its input.
    fn reader() -> (Child, Arc<KillTarget>) {
        let child = Command::new(sys::READER).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let target = KillTarget::from_child(&child).unwrap().unwrap();
        (child, Arc::new(target))
    }

    fn wait_for(target: &Arc<KillTarget>) -> (Wait, Receiver<Exit>) {
        let (sender, receiver) = channel();
        let wait = on_exit(target, Box::new(move |exit| sender.send(exit).unwrap())).unwrap();
        (wait, receiver)
    }

    const DEADLINE: Duration = Duration::from_secs(30);

    #[test]
    fn all_who_wait_are_told_once_and_nothing_is_reaped() {
        let (mut child, target) = reader();
        let waits: Vec<_> = (0..5).map(|_| wait_for(&target)).collect();
        child.kill().unwrap();
        for (_, receiver) in waits {
            assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
            assert!(receiver.recv().is_err(), "the waiter has been dropped");
        }
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn what_is_over_or_never_was_is_told_at_once() {
        let (mut child, target) = reader();
        drop(child.stdin.take());
        let (_, receiver) = wait_for(&target);
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(Exit::Code(0)));
        let (_, receiver) = wait_for(&target);
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(Exit::Code(0)));
        child.wait().unwrap();
        let (_, receiver) = wait_for(&Arc::new(KillTarget::gone(Pid::INIT)));
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(Exit::Unknown));
    }

    #[test]
    fn a_wait_that_was_called_off_is_not_told_and_the_others_are() {
        let (mut child, target) = reader();
        let [(first, cancelled), (_, receiver)] = [wait_for(&target), wait_for(&target)];
        cancel(first);
        cancel(first);
        assert!(cancelled.recv().is_err(), "the waiter has been dropped");
        child.kill().unwrap();
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
        child.wait().unwrap();
    }

    #[test]
    fn a_waiter_that_panics_takes_nobody_with_it() {
        let (mut child, target) = reader();
        on_exit(&target, Box::new(|_| panic!("on purpose"))).unwrap();
        let (_, receiver) = wait_for(&target);
        child.kill().unwrap();
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
        child.wait().unwrap();
    }

    /// An event is read at one moment and told at the next: in between its wait may be called off, and another target
    /// come to stand where the first one stood in memory.
    #[test]
    fn a_number_is_given_once_so_that_a_late_event_finds_nobody() {
        let poller = Poller::new().unwrap();
        let mut watches = Watches::default();
        let mut target = Arc::new(KillTarget::gone(Pid::INIT));
        let mut keys = Vec::new();
        for _ in 0..100 {
            let wait = watches.add(&target, Box::new(drop), &poller).unwrap();
            assert!(!keys.contains(&wait.watch));
            keys.push(wait.watch);
            drop(watches.remove(wait, &poller));
            // Most often at the same address.
            drop(target);
            target = Arc::new(KillTarget::gone(Pid::INIT));
            assert!(keys.iter().all(|key| watches.take(*key, &poller).is_none()));
        }
        assert!(watches.by_key.is_empty() && watches.keys.is_empty() && watches.polls.is_empty());
    }

    #[test]
    fn a_process_is_not_told_to_be_over_while_it_runs_whatever_ends_beside_it() {
        for _ in 0..200 {
            let [(mut short, first), (mut long, second)] = [reader(), reader()];
            let (cancelled, _) = wait_for(&first);
            short.kill().unwrap();
            cancel(cancelled);
            drop(first);
            let (wait, receiver) = wait_for(&second);
            assert!(receiver.recv_timeout(Duration::from_millis(1)).is_err());
            assert!(second.is_alive().unwrap());
            cancel(wait);
            long.kill().unwrap();
            for mut child in [short, long] {
                child.wait().unwrap();
            }
        }
    }
}
