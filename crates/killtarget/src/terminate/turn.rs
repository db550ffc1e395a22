//! One turn of all that is being ended.

use std::time::Instant;

use super::run::Job;
use crate::sys::Listing;

/// A turn for each: first all is done that can be done at once, then one look serves all who want one, and so on. So nobody
/// who is due waits for the others' looks. Who panics is given up, and by that says so to those who wait.
pub(crate) fn turn(jobs: &mut [&mut Job]) {
    for job in jobs.iter_mut() {
        job.scans_in_turn = 0;
        if let Some(sweep) = &mut job.sweep {
            sweep.has_had_its_turn = false;
        }
        job.guarded(Job::act);
    }
    while jobs.iter().any(|job| job.wants_scan) {
        let listing = Listing::default();
        for job in jobs.iter_mut().filter(|job| job.wants_scan) {
            job.guarded(|job| {
                let (begin, taken) = (Instant::now(), listing.took());
                job.scan(&listing);
                let end = Instant::now();
                // Who shares the listing rests for as long as who has taken it.
                job.scan_schedule.took(end, taken + (end - begin));
                job.act();
            });
        }
    }
}
