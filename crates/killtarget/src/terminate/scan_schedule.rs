//! When to look who is in scope.

use std::time::{Duration, Instant};

const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LATE_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A look that takes long is not begun again before so many times its length.
const REST: u32 = 4;

/// Soon after each round, then ever more rarely, and when somebody has ended.
pub(crate) struct ScanSchedule {
    /// Whether anyone can come into scope.
    is_needed: bool,
    pub(crate) next: Option<Instant>,
    pause: Duration,
    /// When the last one was over, and how long it took.
    last: Option<(Instant, Duration)>,
}

impl ScanSchedule {
    pub(crate) fn new(is_needed: bool) -> Self {
        Self { is_needed, next: None, pause: SHORTEST_PAUSE, last: None }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    pub(crate) fn restart(&mut self, now: Instant) {
        self.pause = SHORTEST_PAUSE;
        self.next = self.is_needed.then(|| now + self.pause);
    }

    /// When all are about to end.
    pub(crate) fn restart_late(&mut self, now: Instant) {
        self.pause = LATE_PAUSE;
        self.next = self.is_needed.then(|| now + self.pause);
    }

    pub(crate) fn hurry(&mut self, now: Instant) {
        self.bring_forward(now);
    }

    /// Where one has shown nothing for certain.
    pub(crate) fn repeat(&mut self, now: Instant) {
        self.bring_forward(now + SHORTEST_PAUSE);
    }

    fn bring_forward(&mut self, time: Instant) {
        let rested = self.last.map_or(time, |(end, length)| end + length * REST);
        self.next = self.next.map(|next| next.min(rested.max(time)));
    }

    /// One that took so long is over.
    pub(crate) fn took(&mut self, end: Instant, length: Duration) {
        self.last = Some((end, length));
        self.next = self.next.map(|_| end + self.pause.max(length * REST));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}
