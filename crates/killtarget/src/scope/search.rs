//! The search for the whole scope before signals.
//!
//! A parent that is signalled may exit, and a child that no scan has shown is lost then. So scans are repeated
//! until one shows the children of every member, or for too long.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    bounds::Bounds,
    excepted::Excepted,
    members::{Members, SCAN_TIMEOUT},
    process_table::ProcessTable,
    survivor::Proof,
    tree::Tree,
};
use crate::types::{Scope, Signal};

/// The limit of the search before signals.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(1);

/// The limit of a search that no signal waits for.
const LIST_TIMEOUT: Duration = Duration::from_secs(4);

/// The limit of scans that show the children of every member, as a tree may grow without end.
const MAX_SCANS: usize = 8;

const MIN_SCAN_INTERVAL: Duration = Duration::from_micros(100);
const MAX_SCAN_INTERVAL: Duration = Duration::from_millis(4);

/// A search in progress.
pub(crate) struct Search {
    deadline: Instant,
    interval: Duration,
    /// When the next scan is due.
    pub(crate) due: Instant,
}

impl Search {
    pub(crate) fn new(now: Instant) -> Self {
        Self::until(now + SEARCH_TIMEOUT, now)
    }

    fn until(deadline: Instant, now: Instant) -> Self {
        Self { deadline, interval: MIN_SCAN_INTERVAL, due: now }
    }

    /// Returns the deadline of a scan that begins now.
    pub(crate) fn scan_deadline(&self, now: Instant) -> Instant {
        self.deadline.min(now + SCAN_TIMEOUT)
    }

    /// Schedules the next scan. Returns false if the search has taken too long.
    pub(crate) fn schedule(&mut self, now: Instant) -> bool {
        self.due = now + self.interval;
        self.interval = (self.interval * 2).min(MAX_SCAN_INTERVAL);
        now < self.deadline
    }
}

impl<T: ProcessTable> Members<T> {
    /// [`Members::new`] without the excepted processes.
    pub(crate) fn leaving_alone(
        excepted: Excepted<T>,
        root: &Arc<T::Process>,
        scope: Scope,
        allow_self: bool,
    ) -> Self {
        Self::with_bounds(root, scope.into(), allow_self, excepted)
    }

    /// Finds the members that one scan shows.
    pub(crate) fn scanned_once(mut self) -> Self {
        self.scan(&T::list());
        self
    }

    /// Finds all members of the scope.
    pub(crate) fn find(root: &Arc<T::Process>, scope: Scope, allow_self: bool) -> Self {
        let mut members = Self::new(root, scope, allow_self);
        members.scan_until_complete(SEARCH_TIMEOUT);
        members
    }

    /// [`Members::find`] for a list of them, which no signal follows.
    pub(crate) fn list(root: &Arc<T::Process>, scope: Scope) -> Self {
        let mut members = Self::new(root, scope, false);
        members.scan_until_complete(LIST_TIMEOUT);
        members
    }

    /// Finds the root and its descendants, protected processes included.
    pub(crate) fn find_descendants(root: &Arc<T::Process>) -> Self {
        let mut members =
            Self::with_bounds(root, Bounds::Tree(Tree::of_descendants()), true, Excepted::none());
        members.scan_until_complete(SEARCH_TIMEOUT);
        members
    }

    /// [`Members::find_descendants`] for a list of them, which no signal follows.
    pub(crate) fn list_descendants(root: &Arc<T::Process>) -> Self {
        let mut members =
            Self::with_bounds(root, Bounds::Tree(Tree::of_descendants()), true, Excepted::none());
        members.scan_until_complete(LIST_TIMEOUT);
        members
    }

    /// Scans a tree until a scan finds no latecomer and has no gap. A group needs one scan.
    fn scan_until_complete(&mut self, timeout: Duration) {
        let Bounds::Tree(_) = self.bounds else {
            self.scan(&T::list());
            return;
        };
        let now = T::now();
        let mut search = Search::until(now + timeout, now);
        for scans in 1.. {
            // Half of the time, as another scan has to confirm what one has found.
            let deadline = search.deadline.min(T::now() + timeout / 2);
            let first_latecomer = self.scan_until(&T::list(), deadline);
            let has_settled = first_latecomer == self.living.len() && !self.has_gaps();
            if has_settled || self.is_complete() || scans >= MAX_SCANS && !self.may_miss_children() {
                break;
            }
            let now = T::now();
            if !search.schedule(now) {
                break;
            }
            if scans >= MAX_SCANS {
                T::pause(search.due - now);
            }
        }
    }

    /// Returns whether the last scan of a tree may have missed a child of a living member.
    pub(crate) fn may_miss_children(&self) -> bool {
        // Where an orphan keeps its ppid, the exit of its parent does not lose it.
        matches!(self.bounds, Bounds::Tree(_)) && !T::ORPHANS_KEEP_PPID && self.summary.may_miss_children
    }

    /// Returns whether a signal that may end members was sent while the children of one may have been missing.
    pub(crate) fn has_sent_with_gap(&self) -> bool {
        self.has_sent_with_gap
    }

    /// Records signals that are about to be sent.
    pub(super) fn record_signals(&mut self, signals: &[Signal]) {
        let may_end = |signal: &Signal| ![Signal::STOP, Signal::CONT, Signal::PROBE].contains(signal);
        self.has_sent_with_gap |= signals.iter().any(may_end) && self.may_miss_children();
    }

    /// Searches all processes for orphans in the root's session before a report, unless that was done.
    pub(crate) fn search_all(&mut self) {
        if self.leads_session() && !self.has_searched_all && self.proof() == Proof::Session {
            self.scan_among(&T::list(), T::now() + SCAN_TIMEOUT, true);
        }
    }

    pub(super) fn leads_session(&self) -> bool {
        matches!(&self.bounds, Bounds::Tree(tree) if tree.leads_session())
    }
}
