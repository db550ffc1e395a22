//! When to look who is in scope.

use std::time::{Duration, Instant};

const MIN_SCAN_INTERVAL: Duration = Duration::from_millis(10);
const LATE_SCAN_INTERVAL: Duration = Duration::from_millis(100);
const MAX_SCAN_INTERVAL: Duration = Duration::from_millis(500);

/// A look that takes long is not begun again before so many times its length.
const REST_FACTOR: u32 = 4;

/// Soon after each round, then ever more rarely, and when somebody has ended.
pub(crate) struct ScanSchedule {
    /// Whether anyone can come into scope.
    is_needed: bool,
    pub(crate) next: Option<Instant>,
    interval: Duration,
    /// When the last one was over, and how long it took.
    last: Option<(Instant, Duration)>,
}

impl ScanSchedule {
    pub(crate) fn new(is_needed: bool) -> Self {
        Self { is_needed, next: None, interval: MIN_SCAN_INTERVAL, last: None }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    pub(crate) fn restart(&mut self, now: Instant) {
        self.interval = MIN_SCAN_INTERVAL;
        self.next = self.is_needed.then(|| now + self.interval);
    }

    /// When all are about to end.
    pub(crate) fn restart_late(&mut self, now: Instant) {
        self.interval = LATE_SCAN_INTERVAL;
        self.next = self.is_needed.then(|| now + self.interval);
    }

    pub(crate) fn expedite(&mut self, now: Instant) {
        self.bring_forward(now);
    }

    /// Where one has shown nothing for certain.
    pub(crate) fn retry(&mut self, now: Instant) {
        self.bring_forward(now + MIN_SCAN_INTERVAL);
    }

    fn bring_forward(&mut self, time: Instant) {
        let rested = self.last.map_or(time, |(end, duration)| end + duration * REST_FACTOR);
        self.next = self.next.map(|next| next.min(rested.max(time)));
    }

    /// One that took so long is over.
    pub(crate) fn finished(&mut self, end: Instant, duration: Duration) {
        self.last = Some((end, duration));
        self.next = self.next.map(|_| end + self.interval.max(duration * REST_FACTOR));
        self.interval = (self.interval * 2).min(MAX_SCAN_INTERVAL);
    }
}
