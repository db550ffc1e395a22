//! SIGKILL to a process and its descendants, until none can have been missed.
//!
//! If a process forks right before its SIGKILL, no scan may have shown the child, and the exit reparents it.
//! So SIGKILL waits until every member is stopped. On a busy machine that takes long: a process stops when it
//! next runs.
//!
//! If the time is too short, SIGKILL is sent anyway, and scans find what the members have forked. If a member
//! exits before such a scan, its children cannot be found any more. The call then fails with its pid.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustc_hash::FxHashSet;

use crate::{
    exit_hook,
    scope::{
        member::Member,
        members::Members,
        survivor::Proof,
        sweep::{Sweep, SweepResult},
    },
    sys::{self, ProcessList, RunState},
    target::KillTarget,
    types::Error,
};

/// The limit from the call until every member is stopped.
const STOP_TIMEOUT: Duration = Duration::from_millis(1250);

/// The same limit, if the search for the members has taken most of that time.
const MIN_STOP_TIMEOUT: Duration = Duration::from_millis(250);

/// The limit of scans after SIGKILL was sent without certainty.
const RESCAN_TIMEOUT: Duration = Duration::from_millis(250);

/// The interval between scans after SIGKILL.
const RESCAN_INTERVAL: Duration = Duration::from_millis(1);

// The exit of this process waits for this operation, and would leave the members stopped.
const _: () = assert!(STOP_TIMEOUT.as_millis() + RESCAN_TIMEOUT.as_millis() < exit_hook::TIMEOUT.as_millis());

/// Sends SIGKILL to all members and to latecomers. `started` is the time of the call.
///
/// # Errors
/// [`Error::MayHaveSurvivors`].
pub(super) fn kill(members: &mut Members, started: Instant) -> Result<(), Error> {
    if members.can_ask_guard() {
        members.kill();
        return Ok(());
    }
    let deadline = (started + STOP_TIMEOUT).max(Instant::now() + MIN_STOP_TIMEOUT);
    if stop_and_kill(members, deadline) {
        return Ok(());
    }
    kill_unstopped(members, deadline + RESCAN_TIMEOUT)
}

/// Sends SIGKILL once no member can fork. Returns false if that takes too long. Nothing may have been sent
/// then.
fn stop_and_kill(members: &mut Members, deadline: Instant) -> bool {
    let mut sweep = Sweep::until_certain(Instant::now(), deadline);
    loop {
        match sweep.advance(members, &ProcessList::default()) {
            SweepResult::Complete if !members.has_gaps() && !members.has_unsent() => {
                return !members.has_sent_with_gap();
            }
            // The group got SIGKILL, and a process that has left it may have been missed. Or a member could
            // not be signalled, for lack of a descriptor.
            SweepResult::Complete => sweep = Sweep::until_certain(Instant::now() + RESCAN_INTERVAL, deadline),
            SweepResult::Pending | SweepResult::Partial => {}
        }
        let now = Instant::now();
        if now >= deadline {
            return false;
        }
        thread::sleep(sweep.due.min(deadline).saturating_duration_since(now));
    }
}

/// Sends SIGKILL to members that may fork until they get it, and to what scans find afterwards.
fn kill_unstopped(members: &mut Members, deadline: Instant) -> Result<(), Error> {
    members.refresh();
    let is_running = |member: &&Member| member.run_state() != RunState::Stopped;
    let mut suspects = targets(members.living().iter().filter(is_running));
    members.kill_deepest_first();
    // The last pid proves nothing here. The kernel gives a pid early in fork, and the child is listed later.
    loop {
        members.refresh();
        let first_latecomer = members.scan(&ProcessList::default());
        let latecomers = targets(members.living().iter().skip(first_latecomer));
        let has_gaps = members.has_gaps();
        if !has_gaps {
            suspects.retain(|suspect| !shows_all_children(suspect));
        }
        let is_quiet = latecomers.is_empty() && !has_gaps && !members.has_unsent();
        suspects.extend(latecomers);
        if is_quiet {
            break;
        }
        members.kill();
        if Instant::now() >= deadline {
            break;
        }
        thread::sleep(RESCAN_INTERVAL);
    }
    // The session has shown the orphans.
    if members.proof() == Proof::Session {
        suspects.clear();
    }
    let unsent = members.living().iter().filter(|member| member.is_unsent());
    let mut pids: Vec<_> = targets(unsent).iter().chain(&suspects).map(|process| process.pid()).collect();
    let mut named = FxHashSet::default();
    pids.retain(|pid| named.insert(*pid));
    let has_gap = members.has_gaps() || members.has_sent_with_gap();
    if pids.is_empty() && !has_gap { Ok(()) } else { Err(Error::MayHaveSurvivors(pids)) }
}

/// Returns whether the last scan has shown every child of a process, which was sent SIGKILL before that scan.
/// A process that has exited shows none.
fn shows_all_children(process: &KillTarget) -> bool {
    sys::SIGKILL_PREVENTS_FORK && process.is_alive() == Ok(true)
}

fn targets<'a>(members: impl Iterator<Item = &'a Member>) -> Vec<Arc<KillTarget>> {
    members.map(|member| Arc::clone(&member.target)).collect()
}
