//! One turn of all that is being ended.

use super::run::TerminationRun;
use crate::scope::process_table::{ProcessList, ProcessTable};

/// A turn for each: first all is done that can be done at once, then one look serves all who want one, and so on. So nobody
/// who is due waits for the others' looks. Who panics is given up, and by that says so to those who wait.
pub(crate) fn turn<T: ProcessTable>(runs: &mut [&mut TerminationRun<T>]) {
    for run in runs.iter_mut() {
        run.scans_in_turn = 0;
        if let Some(sweep) = &mut run.sweep {
            sweep.has_run_in_turn = false;
        }
        run.guarded(TerminationRun::advance);
    }
    while runs.iter().any(|run| run.wants_scan) {
        let process_list = T::list();
        for run in runs.iter_mut().filter(|run| run.wants_scan) {
            run.guarded(|run| {
                let (start, listing_time) = (T::now(), process_list.time_taken());
                run.scan(&process_list);
                let end = T::now();
                // Who shares the listing rests for as long as who has taken it.
                run.scan_schedule.finished(end, listing_time + (end - start));
                run.advance();
            });
        }
    }
}
