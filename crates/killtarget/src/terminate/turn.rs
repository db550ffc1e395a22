//! One turn of all terminations.

use super::run::TerminationRun;
use crate::scope::process_table::{ProcessList, ProcessTable};

/// Gives each termination a turn. Everything that needs no scan comes first, so no termination waits for
/// another's scan. Then one list of processes serves every termination that needs a scan, as far as it can, until
/// none does.
pub(crate) fn turn<T: ProcessTable>(runs: &mut [&mut TerminationRun<T>]) {
    for run in runs.iter_mut() {
        run.begin_turn();
        run.guarded(TerminationRun::advance);
    }
    while runs.iter().any(|run| run.needs_scan) {
        let process_list = T::list();
        for run in runs.iter_mut().filter(|run| run.needs_scan) {
            run.guarded(|run| {
                // What another termination has read may be older than what this scan is to prove.
                let own = run.needs_own_list().then(T::list);
                let process_list = own.as_ref().unwrap_or(&process_list);
                let (start, listing_time) = (T::now(), process_list.time_taken());
                run.scan(process_list);
                let end = T::now();
                // Each rests as if it had made the shared list itself.
                run.scan_schedule.finished(end, listing_time + (end - start));
                run.retry_unsent();
                run.advance();
            });
        }
    }
}
