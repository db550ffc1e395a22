//! One thread that waits for the exits of all watched processes.
//!
//! It starts at the first wait, and sleeps until the system sends an exit event. A process without such
//! events is polled, at growing intervals. Where the system may drop an event, every process is also checked
//! now and then.

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

/// The intervals between polls of a process that sends no exit event.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(1);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The interval between checks of all processes, where an exit event may be dropped.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Called once, on the reactor's thread, when the process has exited. It must not block.
pub type Waiter = Box<dyn FnOnce(Exit) + Send>;

/// A wait that can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wait {
    watch: Key,
    waiter: usize,
}

/// Calls the waiter when the target has exited.
///
/// # Errors
/// [`Error::Os`] if there is no descriptor or no thread for the wait.
pub fn on_exit(target: &Arc<KillTarget>, waiter: Waiter) -> Result<Wait, Error> {
    let reactor = Reactor::get()?;
    reactor.lock().add(target, waiter, &reactor.poller)
}

/// A wait that is cancelled when this is dropped.
#[derive(Debug)]
pub(crate) struct Watching(Wait);

impl Drop for Watching {
    fn drop(&mut self) {
        cancel(self.0);
    }
}

/// Calls the waiter as [`on_exit`] does, until the result is dropped.
pub(crate) fn watch(target: &Arc<KillTarget>, waiter: Waiter) -> Result<Watching, Error> {
    on_exit(target, waiter).map(Watching)
}

/// Cancels a wait. Its waiter is dropped, unless it was called or is being called.
pub fn cancel(wait: Wait) {
    if let Some(reactor) = REACTOR.get() {
        // Dropped without the lock: it may take long to drop what a waiter holds.
        let _cancelled = reactor.lock().remove(wait, &reactor.poller);
    }
}

static REACTOR: OnceLock<Reactor> = OnceLock::new();

struct Reactor {
    poller: Poller,
    watches: Mutex<Watches>,
}

/// The id of a watch. It is never reused, so a late event cannot reach the watch of another process.
type Key = usize;

/// All watches.
#[derive(Default)]
struct Watches {
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
struct Watch {
    target: Arc<KillTarget>,
    waiters: Vec<(usize, Waiter)>,
}

/// When to poll a process.
struct Poll {
    due: Instant,
    interval: Duration,
}

impl Reactor {
    /// Returns the reactor of this process, and starts it first if needed. After a failure the next wait
    /// tries again.
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
            // A panic must not end the thread.
            let turned = catch_unwind(AssertUnwindSafe(|| self.turn(&mut events)));
            if !matches!(turned, Ok(Ok(()))) {
                // A call that fails may fail for long, so it is retried with a pause.
                thread::sleep(MAX_POLL_INTERVAL);
            }
        }
    }

    /// Waits for events, and reports the exits.
    fn turn(&self, events: &mut Events) -> std::io::Result<()> {
        events.clear();
        let timeout = self.lock().next_poll().map(|due| due.saturating_duration_since(Instant::now()));
        self.poller.wait(events, timeout)?;
        for event in events.iter() {
            self.report_exit(event.key);
        }
        let due = self.lock().due(Instant::now());
        for (key, target) in due {
            // If it cannot be read now, as without a free descriptor, it is polled again.
            if target.is_alive() == Ok(false) {
                self.report_exit(key);
            }
        }
        Ok(())
    }

    /// Calls every waiter of a process that has exited.
    fn report_exit(&self, key: Key) {
        let Some(watch) = self.lock().take(key, &self.poller) else { return };
        let exit = watch.target.exit().unwrap_or(Exit::Unknown);
        for (_, waiter) in watch.waiters {
            // A panic must not cost the other waiters their exit.
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

    /// Returns the processes that must be polled now, and schedules their next poll.
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

    /// Starts a process that exits when its input ends.
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
    fn every_waiter_is_called_once_and_the_process_is_not_reaped() {
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
    fn a_wait_for_an_exited_or_gone_process_ends_at_once() {
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
    fn a_cancelled_waiter_is_dropped_and_the_others_are_called() {
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
    fn a_waiter_that_panics_does_not_keep_the_others_from_their_exit() {
        let (mut child, target) = reader();
        on_exit(&target, Box::new(|_| panic!("on purpose"))).unwrap();
        let (_, receiver) = wait_for(&target);
        child.kill().unwrap();
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
        child.wait().unwrap();
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
        assert!(watches.by_key.is_empty() && watches.keys.is_empty() && watches.polls.is_empty());
    }

    #[test]
    fn the_exit_of_one_process_is_never_reported_for_another() {
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
