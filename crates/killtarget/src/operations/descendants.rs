//! Who descends from a process, and signals to all of them.

use std::{sync::Arc, thread, time::Instant};

use super::background::{BackgroundTask, OnDone};
use crate::{
    scope::{
        members::Members,
        sweep::{Sweep, SweepResult},
    },
    sys::{self, ProcessList, Visibility},
    target::KillTarget,
    types::{Error, ProcessInfo, Signal},
};

/// How often to kill who was found, where the time was too short to be sure that those were all.
const MAX_SWEEPS: usize = 3;

/// How often to look who was started while the others were signalled.
const MAX_SCANS: usize = 3;

/// Those who descend from the process and live, parents before their children: its children, theirs and so on; and those
/// whose parents are over, if they are in a session that the process or one of them leads or led, or in the group that the
/// process leads or led.
///
/// # Errors
/// [`Error::Os`]: `ENOSYS` where processes can't be seen.
pub fn descendants(target: &Arc<KillTarget>) -> Result<Vec<ProcessInfo>, Error> {
    let mut members: Members = Members::find_descendants(target);
    if members.visibility() == Visibility::None {
        return Err(sys::unsupported(sys::calls::LIST_PROCESSES));
    }
    members.refresh();
    let living = members.living().iter().map(|member| &member.target);
    let others = living.filter(|member| !Arc::ptr_eq(member, target));
    let mut processes: Vec<_> =
        others.map(|member| member.info()).filter(|info| info.ppid.is_some()).collect();
    if let Some(caller) = members.caller().filter(|caller| caller.pid() != target.pid()) {
        let is_child = |info: &ProcessInfo| info.ppid == Some(caller.pid().as_raw());
        let index = processes.iter().position(is_child).unwrap_or(processes.len());
        processes.insert(index, caller.info());
    }
    Ok(processes)
}

/// Signals the process and all that descend from it, parents first, and the calling process last, where it is one of them.
/// SIGKILL goes to the deepest first, once nobody can start others any more. Nobody is waited for, and nobody is protected.
/// Those that are told may not be signalled.
///
/// # Errors
/// [`Error::Os`] where there is no thread; `ENOSYS` for a signal that can't be sent here. What is told may be [`Error::Os`] with `EPERM`: nobody may be signalled.
pub fn signal_descendants(target: &Arc<KillTarget>, signal: Signal, on_done: OnDone) -> Result<(), Error> {
    if !sys::can_send(signal.as_raw()) {
        return Err(sys::unsupported("kill"));
    }
    let target = Arc::clone(target);
    let find = move || Ok(Members::find_descendants(&target));
    let apply = move |members: &mut Members| {
        if is_fatal(signal) {
            kill(members);
        } else {
            send(members, signal);
        }
        let not_permitted = members.living().iter().filter(|member| member.is_not_permitted());
        not_permitted.map(|member| member.target.info()).collect()
    };
    BackgroundTask { find, apply, to_caller: Some(signal) }.begin(on_done)
}

/// Whether nobody who is sent it lives on. Where nobody can be stopped, no signal does anything else.
fn is_fatal(signal: Signal) -> bool {
    signal == Signal::KILL || !sys::CAN_STOP && signal != Signal::PROBE
}

fn kill(members: &mut Members) {
    for _ in 0..MAX_SWEEPS {
        if sweep(members) == SweepResult::Complete {
            break;
        }
    }
}

fn sweep(members: &mut Members) -> SweepResult {
    let mut sweep = Sweep::new(Instant::now());
    loop {
        match sweep.advance(members, &ProcessList::default()) {
            SweepResult::Pending => thread::sleep(sweep.due.saturating_duration_since(Instant::now())),
            swept => return swept,
        }
    }
}

fn send(members: &mut Members, signal: Signal) {
    let mut first_unsent = 0;
    for _ in 0..MAX_SCANS {
        for member in members.living_mut().iter_mut().skip(first_unsent) {
            member.send(signal);
        }
        first_unsent = members.scan(&ProcessList::default());
        if first_unsent == members.living().len() {
            break;
        }
    }
}
