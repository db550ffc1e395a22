//! A one-shot channel: one thread sends a value, another waits for it.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Makes a channel.
pub(crate) fn one_shot<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Arc::new(Channel { state: Mutex::new(State::Pending), changed: Condvar::new() });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

struct Channel<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Pending,
    Sent(T),
    /// The sender was dropped without a value.
    Closed,
}

/// The end that sends. If it is dropped before that, as by a panic, the receiver stops waiting.
pub(crate) struct Sender<T>(Arc<Channel<T>>);

/// The end that waits.
pub(crate) struct Receiver<T>(Arc<Channel<T>>);

impl<T> Sender<T> {
    /// Sends the value and wakes the receiver.
    pub(crate) fn send(self, value: T) {
        *self.0.lock() = State::Sent(value);
        // The drop wakes the receiver.
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if let State::Pending = *state {
            *state = State::Closed;
        }
        self.0.changed.notify_all();
    }
}

impl<T> Receiver<T> {
    /// Waits for the value. Returns `None` at the time limit, or once no value can come any more.
    pub(crate) fn wait(self, limit: Duration) -> Option<T> {
        let is_pending = |state: &mut State<T>| matches!(state, State::Pending);
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), limit, is_pending);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Closed) {
            State::Sent(value) => Some(value),
            State::Pending | State::Closed => None,
        }
    }
}

impl<T> Channel<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Instant};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn the_receiver_gets_a_value_that_was_sent_before_the_wait() {
        let (sender, receiver) = one_shot();
        sender.send(7);
        assert_eq!(receiver.wait(Duration::ZERO), Some(7));
    }

    #[test]
    fn a_value_wakes_the_receiver() {
        let (sender, receiver) = one_shot();
        let waiting = thread::spawn(move || receiver.wait(LONG));
        sender.send("sent");
        assert_eq!(waiting.join().unwrap(), Some("sent"));
    }

    #[test]
    fn the_receiver_stops_waiting_at_the_limit() {
        let (_sender, receiver) = one_shot::<()>();
        assert_eq!(receiver.wait(Duration::from_millis(1)), None);
    }

    #[test]
    fn a_panic_that_drops_the_sender_wakes_the_receiver() {
        let (sender, receiver) = one_shot::<()>();
        let start = Instant::now();
        let panicking = thread::spawn(move || {
            let _sender = sender;
            panic!("on purpose");
        });
        assert_eq!(receiver.wait(LONG), None);
        assert!(panicking.join().is_err());
        assert!(start.elapsed() < LONG / 2);
    }

    #[test]
    fn a_receiver_that_is_gone_does_not_disturb_the_sender() {
        let (sender, receiver) = one_shot();
        drop(receiver);
        sender.send(());
    }
}
