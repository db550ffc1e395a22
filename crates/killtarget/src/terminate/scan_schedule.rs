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

    /// Schedules another try of a signal that could not be sent, in any scope.
    pub(crate) fn retry_unsent(&mut self, now: Instant) {
        let time = now + MIN_SCAN_INTERVAL;
        self.next = Some(self.next.map_or(time, |next| next.min(time)));
    }

    fn bring_forward(&mut self, time: Instant) {
        let rested = self.last.map_or(time, |(end, duration)| end + duration * REST_FACTOR);
        self.next = self.next.map(|next| next.min(rested.max(time)));
    }

    /// Records a scan, and schedules the next.
    pub(crate) fn finished(&mut self, end: Instant, duration: Duration) {
        self.last = Some((end, duration));
        self.next =
            self.next.filter(|_| self.is_needed).map(|_| end + self.interval.max(duration * REST_FACTOR));
        self.interval = (self.interval * 2).min(MAX_SCAN_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Returns a schedule that was restarted at the time that is also returned.
    fn restarted() -> (ScanSchedule, Instant) {
        let (mut schedule, start) = (ScanSchedule::new(true), Instant::now());
        schedule.restart(start);
        (schedule, start)
    }

    #[test]
    fn no_scan_is_due_before_the_first_signals() {
        let mut schedule = ScanSchedule::new(true);
        schedule.expedite(Instant::now());
        assert!(!schedule.is_due(Instant::now() + ms(10_000)));
    }

    #[test]
    fn a_scan_is_due_soon_after_signals_and_not_before() {
        let (schedule, start) = restarted();
        assert!(!schedule.is_due(start + ms(9)));
        assert!(schedule.is_due(start + ms(10)));
    }

    #[test]
    fn the_interval_doubles_with_each_scan_up_to_its_maximum() {
        let (mut schedule, mut now) = restarted();
        let intervals = [10, 20, 40, 80, 160, 320, 500, 500].map(|interval| {
            schedule.finished(now, Duration::ZERO);
            let next = schedule.next.unwrap();
            let elapsed = next - now;
            now = next;
            (elapsed, ms(interval))
        });
        for (elapsed, expected) in intervals {
            assert_eq!(elapsed, expected);
        }
    }

    #[test]
    fn a_restart_returns_to_the_shortest_interval() {
        let (mut schedule, start) = restarted();
        for _ in 0..5 {
            schedule.finished(start, Duration::ZERO);
        }
        schedule.restart(start);
        assert_eq!(schedule.next, Some(start + ms(10)));
        schedule.finished(start, Duration::ZERO);
        assert_eq!(schedule.next, Some(start + ms(10)));
    }

    #[test]
    fn a_late_restart_waits_longer_for_the_first_scan() {
        let (mut schedule, start) = restarted();
        schedule.restart_late(start);
        assert_eq!(schedule.next, Some(start + ms(100)));
    }

    #[test]
    fn an_exit_brings_the_next_scan_forward_to_now() {
        let (mut schedule, start) = restarted();
        schedule.restart_late(start);
        schedule.expedite(start + ms(3));
        assert!(schedule.is_due(start + ms(3)));
    }

    #[test]
    fn an_exit_does_not_put_off_a_scan_that_is_overdue() {
        let (mut schedule, start) = restarted();
        schedule.expedite(start + ms(50));
        assert_eq!(schedule.next, Some(start + ms(10)));
    }

    #[test]
    fn an_inconclusive_scan_is_repeated_after_the_shortest_interval() {
        let (mut schedule, start) = restarted();
        schedule.restart_late(start);
        schedule.retry(start);
        assert_eq!(schedule.next, Some(start + ms(10)));
    }

    #[test]
    fn a_long_scan_is_followed_by_a_rest_of_four_times_its_duration() {
        let (mut schedule, start) = restarted();
        let end = start + ms(30);
        schedule.finished(end, ms(30));
        assert_eq!(schedule.next, Some(end + ms(120)));
        // Not even an exit shortens the rest.
        schedule.expedite(end + ms(1));
        assert_eq!(schedule.next, Some(end + ms(120)));
    }

    #[test]
    fn a_scope_that_can_have_no_latecomers_is_never_due() {
        let (mut schedule, now) = (ScanSchedule::new(false), Instant::now());
        schedule.restart(now);
        schedule.restart_late(now);
        schedule.expedite(now);
        schedule.retry(now);
        schedule.finished(now, ms(1));
        assert_eq!(schedule.next, None);
        assert!(!schedule.is_due(now + ms(10_000)));
    }
}
