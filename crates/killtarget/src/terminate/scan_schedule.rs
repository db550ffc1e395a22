//! When to scan for latecomers. Pure: it is given the time.

use std::time::{Duration, Instant};

const MIN_SCAN_INTERVAL: Duration = Duration::from_millis(10);
const LATE_SCAN_INTERVAL: Duration = Duration::from_millis(100);
const MAX_SCAN_INTERVAL: Duration = Duration::from_millis(500);

/// The rest after a scan, as a multiple of the scan's duration.
const REST_FACTOR: u32 = 4;

/// Scans soon after signals, then at growing intervals, and soon after an exit.
pub(crate) struct ScanSchedule {
    /// Whether the scope can have latecomers.
    is_needed: bool,
    pub(crate) next: Option<Instant>,
    interval: Duration,
    /// When the last scan ended, and how long it took.
    last: Option<(Instant, Duration)>,
}

impl ScanSchedule {
    pub(crate) fn new(is_needed: bool) -> Self {
        Self { is_needed, next: None, interval: MIN_SCAN_INTERVAL, last: None }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// Restarts after signals.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.interval = MIN_SCAN_INTERVAL;
        self.next = self.is_needed.then(|| now + self.interval);
    }

    /// Restarts with a later scan, when all members are about to exit.
    pub(crate) fn restart_late(&mut self, now: Instant) {
        self.interval = LATE_SCAN_INTERVAL;
        self.next = self.is_needed.then(|| now + self.interval);
    }

    /// Brings the next scan forward to now, after an exit.
    pub(crate) fn expedite(&mut self, now: Instant) {
        self.bring_forward(now);
    }

    /// Brings the next scan forward, after one that was inconclusive.
    pub(crate) fn retry(&mut self, now: Instant) {
        self.bring_forward(now + MIN_SCAN_INTERVAL);
    }

    fn bring_forward(&mut self, time: Instant) {
        let rested = self.last.map_or(time, |(end, duration)| end + duration * REST_FACTOR);
        self.next = self.next.map(|next| next.min(rested.max(time)));
    }

    /// Records a scan, and schedules the next.
    pub(crate) fn finished(&mut self, end: Instant, duration: Duration) {
        self.last = Some((end, duration));
        self.next = self.next.map(|_| end + self.interval.max(duration * REST_FACTOR));
        self.interval = (self.interval * 2).min(MAX_SCAN_INTERVAL);
    }
}
