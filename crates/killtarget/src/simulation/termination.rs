//! A whole termination on the simulated kernel, as the worker thread carries it out.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{
    kernel::{self, World},
    process::SimulatedProcess,
    system::Simulation,
    table::Simulated,
};
use crate::{
    scope::process_table::ProcessTable,
    terminate::{
        report::Termination,
        request::{Callbacks, CheckedRequest, Request},
        run::{TerminationRun, Turn},
        turn::turn,
    },
    types::Error,
};

/// At most so long a time passes between two turns.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// More turns than any termination takes whose time is limited.
const MAX_TURNS: usize = 5_000;

/// Terminates, and gives the report. `None`: it did not end.
pub(crate) fn terminate<S: Simulation>(
    target: &Arc<SimulatedProcess<S>>,
    request: Request<SimulatedProcess<S>>,
) -> Option<Result<Termination, Error>> {
    let report = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&report);
    let on_termination = Box::new(move |report| *slot.lock().unwrap() = Some(report));
    let request = match CheckedRequest::<Simulated<S>>::new(target, request) {
        Ok(request) => request,
        Err(error) => return Some(Err(error)),
    };
    carry_out(&mut TerminationRun::new(request.reporting_to(Callbacks::new(on_termination))));
    report.lock().unwrap().take()
}

/// Gives a termination its turns until it has reported.
pub(crate) fn carry_out<S: Simulation>(run: &mut TerminationRun<Simulated<S>>) {
    for _ in 0..MAX_TURNS {
        turn(&mut [run]);
        let Turn::Wait(due) = run.next() else { break };
        let now = Simulated::<S>::now();
        let left = due.map_or(MAX_WAIT, |due| due.saturating_duration_since(now).min(MAX_WAIT));
        kernel::with(|world: &mut World| world.wait(left));
    }
}
