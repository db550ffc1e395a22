//! One thread that waits for the exits of all watched processes.
//!
//! It starts at the first wait, and sleeps until the system sends an exit event. A process without such
//! events is polled, at growing intervals. Where the system may drop an event, every process is also checked
//! now and then.
//!
//! It also keeps timers: what they call needs no thread of its own, and does not wait for JavaScript.
//!
//! At the limit of processes, the thread also does the work of a guest that the system refuses a thread.

mod timers;
mod watches;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use polling::{Events, Poller};

use self::{
    timers::Timers,
    watches::{Key, MAX_POLL_INTERVAL, Watch, Watches},
};
pub use self::{
    timers::{OnTime, Timer},
    watches::{Wait, Waiter},
};
use crate::{
    sys,
    target::KillTarget,
    types::{Error, Exit},
};

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

/// Calls `on_time` when the time has passed, on the monotonic clock. An exit that came before is reported before.
///
/// # Errors
/// [`Error::Os`] if there is no descriptor or no thread.
pub fn after(delay: Duration, on_time: OnTime) -> Result<Timer, Error> {
    let reactor = Reactor::get()?;
    let now = Instant::now();
    let due = now.checked_add(delay).unwrap_or(now + FOREVER);
    let timer = reactor.timers().add(due, on_time);
    if let Err(error) = reactor.poller.notify() {
        cancel_timer(timer);
        return Err(sys::io_error(sys::calls::WAKE_POLLER)(error));
    }
    Ok(timer)
}

/// Cancels a timer. Returns false if it was called or is being called.
pub fn cancel_timer(timer: Timer) -> bool {
    // Dropped without the lock: it may take long to drop what it holds.
    let cancelled = REACTOR.get().and_then(|reactor| reactor.timers().remove(timer));
    cancelled.is_some()
}

/// More than a century. The clock cannot count much longer times.
const FOREVER: Duration = Duration::from_secs(1 << 32);

/// Work that the thread does between its waits. It returns when it is due again, or `None` if it is done. It
/// delays the reports of exits.
pub(crate) type Guest = Box<dyn FnMut() -> Option<Instant> + Send>;

/// Runs a guest on the reactor's thread, at once and whenever it is due. There may be one guest at a time.
/// Returns false if that thread does not exist: a guest is for when no thread can be started.
pub(crate) fn host(guest: Guest) -> bool {
    let Some(reactor) = REACTOR.get() else { return false };
    let mut slot = reactor.guest();
    *slot = Some((guest, Instant::now()));
    let is_woken = reactor.poller.notify().is_ok();
    if !is_woken {
        *slot = None;
    }
    is_woken
}

/// Runs the guest, although it is not due yet.
pub(crate) fn wake_guest() {
    if let Some(reactor) = REACTOR.get() {
        // If this fails, the guest takes its turn when it is due.
        let _ = reactor.poller.notify();
    }
}

static REACTOR: OnceLock<Reactor> = OnceLock::new();

struct Reactor {
    poller: Poller,
    watches: Mutex<Watches>,
    timers: Mutex<Timers>,
    /// The guest, and when it is due.
    guest: Mutex<Option<(Guest, Instant)>>,
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
        Ok(REACTOR.get_or_init(|| Self::new(poller)))
    }

    fn new(poller: Poller) -> Self {
        Self { poller, watches: Mutex::default(), timers: Mutex::default(), guest: Mutex::default() }
    }

    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guest(&self) -> MutexGuard<'_, Option<(Guest, Instant)>> {
        self.guest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut events = Events::new();
        loop {
            events.clear();
            let is_woken = self.poller.wait(&mut events, self.timeout()).is_ok();
            // A panic must not end the thread.
            let turned = catch_unwind(AssertUnwindSafe(|| self.turn(&events, is_woken)));
            if !is_woken || turned.is_err() {
                // A call that fails may fail for long, so it is retried with a pause.
                thread::sleep(MAX_POLL_INTERVAL);
            }
        }
    }

    /// Returns how long to wait for events.
    fn timeout(&self) -> Option<Duration> {
        let guest_due = self.guest().as_ref().map(|(_, due)| *due);
        let timer_due = self.timers().next();
        let due = self.lock().next_poll().into_iter().chain(guest_due).chain(timer_due).min();
        due.map(|due| due.saturating_duration_since(Instant::now()))
    }

    /// Reports the exits, and runs the guest. Without events from the poller, every process is checked.
    fn turn(&self, events: &Events, has_events: bool) {
        for event in events.iter() {
            self.report_exit(event.key);
        }
        let due = if has_events { self.lock().due(Instant::now()) } else { self.lock().all() };
        for (key, target) in due {
            // If it cannot be read now, as without a free descriptor, it is polled again.
            let has_exited = target.is_alive() == Ok(false);
            drop(target);
            if has_exited {
                self.report_exit(key);
            }
        }
        self.run_timers();
        self.run_guest();
    }

    fn run_timers(&self) {
        let due = self.timers().take_due(Instant::now());
        for on_time in due {
            // A panic must not cost the others their time.
            let _ = catch_unwind(AssertUnwindSafe(on_time));
        }
    }

    /// Gives the guest a turn. A panic drops the guest.
    fn run_guest(&self) {
        // Run without the lock: another guest may come as soon as this one is done.
        let Some((mut guest, _)) = self.guest().take() else { return };
        if let Ok(Some(due)) = catch_unwind(AssertUnwindSafe(&mut guest)) {
            *self.guest() = Some((guest, due));
        }
    }

    /// Calls every waiter of a process that has exited.
    fn report_exit(&self, key: Key) {
        let Some(Watch { target, waiters, .. }) = self.lock().take(key, &self.poller) else { return };
        let exit = target.exit().unwrap_or(Exit::Unknown);
        // Its descriptor is closed before a waiter hears of the exit.
        drop(target);
        for waiter in waiters.into_iter() {
            // A panic must not cost the other waiters their exit.
            let _ = catch_unwind(AssertUnwindSafe(|| waiter(exit)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        process::Child,
        sync::mpsc::{Receiver, RecvTimeoutError, channel},
    };

    use super::*;
    use crate::types::Pid;

    /// Starts a process that exits when its input ends.
    fn reader() -> (Child, Arc<KillTarget>) {
        let child = sys::start_reader();
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
    fn a_poller_that_fails_delays_an_exit_but_does_not_lose_it() {
        let reactor = Reactor::new(Poller::new().unwrap());
        let (mut child, target) = reader();
        let (sender, receiver) = channel();
        let waiter = Box::new(move |exit| sender.send(exit).unwrap());
        reactor.lock().add(&target, waiter, &reactor.poller).unwrap();
        let no_events = Events::new();
        reactor.turn(&no_events, false);
        assert!(receiver.try_recv().is_err(), "it has not exited");
        child.kill().unwrap();
        while target.is_alive().unwrap() {
            thread::yield_now();
        }
        reactor.turn(&no_events, false);
        assert_eq!(receiver.try_recv(), Ok(sys::KILLED));
        child.wait().unwrap();
    }

    /// The tests of a guest share one reactor, which hosts one at a time.
    static ONE_GUEST: Mutex<()> = Mutex::new(());

    #[test]
    fn a_guest_runs_on_the_thread_of_the_reactor_until_it_is_done_and_exits_are_reported_between() {
        let _one_guest = ONE_GUEST.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut child, target) = reader();
        let (_, exits) = wait_for(&target);
        let (sender, turns) = channel();
        let mut is_told = false;
        let guest = move || {
            sender.send(thread::current().name().map(str::to_owned)).unwrap();
            let exited = exits.try_recv().is_ok();
            is_told |= exited;
            (!is_told).then(Instant::now)
        };
        assert!(host(Box::new(guest)));
        assert_eq!(turns.recv_timeout(DEADLINE), Ok(Some("killtarget".to_owned())));
        child.kill().unwrap();
        // The guest is dropped when it is done.
        while turns.recv_timeout(DEADLINE).is_ok() {}
        assert_eq!(turns.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected));
        child.wait().unwrap();
    }

    #[test]
    fn a_guest_that_rests_is_woken_and_one_that_panics_is_dropped() {
        let _one_guest = ONE_GUEST.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut child, target) = reader();
        let (wait, receiver) = wait_for(&target);
        let (sender, turns) = channel();
        let mut turn = 0;
        let guest = move || {
            turn += 1;
            sender.send(turn).unwrap();
            assert!(turn < 2, "on purpose");
            Some(Instant::now() + DEADLINE * 2)
        };
        assert!(host(Box::new(guest)));
        assert_eq!(turns.recv_timeout(DEADLINE), Ok(1));
        // Other tests wake the reactor, too. A guest that is at work is not woken.
        let second = loop {
            wake_guest();
            match turns.recv_timeout(Duration::from_millis(1)) {
                Err(RecvTimeoutError::Timeout) => {}
                turn => break turn,
            }
        };
        assert_eq!(second, Ok(2));
        assert!(turns.recv_timeout(DEADLINE).is_err(), "the guest has been dropped");
        child.kill().unwrap();
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
        cancel(wait);
        child.wait().unwrap();
    }

    #[test]
    fn a_wait_for_an_exited_or_gone_process_ends_at_once() {
        let (mut child, target) = reader();
        child.kill().unwrap();
        let (_, receiver) = wait_for(&target);
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
        let (_, receiver) = wait_for(&target);
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(sys::KILLED));
        child.wait().unwrap();
        let (_, receiver) = wait_for(&Arc::new(KillTarget::gone(Pid::INIT)));
        assert_eq!(receiver.recv_timeout(DEADLINE), Ok(Exit::Unknown));
    }

    #[test]
    fn a_timer_is_called_once_at_its_time_unless_it_is_cancelled() {
        let (sender, called) = channel();
        let set = |milliseconds: u64| {
            let sender = sender.clone();
            let begin = Instant::now();
            let delay = Duration::from_millis(milliseconds);
            let on_time = move || sender.send((milliseconds, begin.elapsed() >= delay)).unwrap();
            after(delay, Box::new(on_time)).unwrap()
        };
        let late = set(u64::MAX);
        let cancelled = set(60_000);
        let timers = [20, 1].map(&set);
        assert!(cancel_timer(cancelled));
        assert!(!cancel_timer(cancelled));
        assert_eq!([(); 2].map(|()| called.recv_timeout(DEADLINE)), [Ok((1, true)), Ok((20, true))]);
        assert!(timers.iter().all(|timer| !cancel_timer(*timer)));
        assert!(cancel_timer(late));
        drop(sender);
        assert!(called.recv().is_err(), "all have been dropped");
    }

    #[test]
    fn a_timer_that_panics_does_not_keep_the_others_from_their_time() {
        let (sender, called) = channel();
        after(Duration::ZERO, Box::new(|| panic!("on purpose"))).unwrap();
        after(Duration::ZERO, Box::new(move || sender.send(()).unwrap())).unwrap();
        assert_eq!(called.recv_timeout(DEADLINE), Ok(()));
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
