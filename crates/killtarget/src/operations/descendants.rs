//! The descendants of a process, and signals to all of them.

use std::{sync::Arc, time::Instant};

use super::{
    background::{BackgroundTask, OnDone},
    kill::kill,
};
use crate::{
    scope::{excepted::Excepted, kernel::Kernel, member::Member, members::Members, resolve::resolve},
    sys::{self, ProcessList, Visibility},
    target::KillTarget,
    types::{Error, ProcessInfo, Scope, Signal},
};

/// The limit of scans for processes that were started while the others were signalled.
const MAX_SCANS: usize = 3;

/// Returns the living descendants of a process, parents before their children. If `with_root`, the process itself comes first,
/// unless it has exited.
///
/// An orphan is included if it is in a session that the process or a descendant leads or led. So is one in
/// the group that the process leads or led.
///
/// # Errors
/// [`Error::Os`]: `ENOSYS` if processes are not visible. [`Error::MayMissDescendants`] if the children of a
/// process could not be read for some seconds.
pub fn descendants(target: &Arc<KillTarget>, with_root: bool) -> Result<Vec<ProcessInfo>, Error> {
    list(target, with_root, Members::list_descendants(target))
}

/// Returns the living processes that a termination of the scope would find now, parents before their children. Without
/// `with_root`, the process itself is left out.
///
/// # Errors
/// As for [`descendants`]. [`Error::Protected`], [`Error::NotGroupLeader`], `ENOSYS`: a termination would be refused.
pub fn processes_in_scope(
    target: &Arc<KillTarget>,
    with_root: bool,
    scope: Scope,
) -> Result<Vec<ProcessInfo>, Error> {
    let scope = resolve::<Kernel>(target, Some(scope), false, &Excepted::none())?;
    let members: Members = Members::list(target, scope);
    members.refusal().map_or_else(|| list(target, with_root, members), Err)
}

fn list(target: &Arc<KillTarget>, with_root: bool, mut members: Members) -> Result<Vec<ProcessInfo>, Error> {
    if members.scope() != Scope::Process && members.visibility() == Visibility::None {
        return Err(sys::unsupported(sys::calls::LIST_PROCESSES));
    }
    if members.may_miss_children() {
        return Err(Error::MayMissDescendants(target.pid()));
    }
    members.refresh();
    // The guard of a contained tree is no part of what it contains.
    let is_shown = |member: &&Member| !(members.is_contained() && member.is_guard());
    let living = members.living().iter().filter(is_shown).map(|member| &member.target);
    let others = living.filter(|member| !Arc::ptr_eq(member, target));
    let root = if with_root && target.is_alive() == Ok(true) { target.info() } else { None };
    let mut processes: Vec<_> = root.into_iter().chain(others.filter_map(|member| member.info())).collect();
    let caller = members.caller().filter(|caller| caller.pid() != target.pid());
    if let Some(caller) = caller.and_then(|caller| caller.info()) {
        let is_child = |info: &ProcessInfo| info.ppid == Some(caller.pid.as_raw());
        let index = processes.iter().position(is_child).unwrap_or(processes.len());
        processes.insert(index, caller);
    }
    Ok(processes)
}

/// Signals a process and all its descendants, parents first. The calling process is signalled last, if it is
/// one of them.
///
/// SIGKILL goes to the deepest first, once no member can fork. The call does not wait for exits, and protects
/// no process. The callback gets the processes that may not be signalled. If no thread can be started, this
/// blocks until then.
///
/// # Errors
/// [`Error::Os`]: `ENOSYS` for a signal that cannot be sent on this system. The callback gets [`Error::Os`]
/// with `EPERM` if no process may be signalled. It gets [`Error::MayHaveSurvivors`] if the signal may have
/// missed a process.
pub fn signal_descendants(target: &Arc<KillTarget>, signal: Signal, on_done: OnDone) -> Result<(), Error> {
    if !sys::can_send(signal.as_raw()) {
        return Err(sys::unsupported("kill"));
    }
    let (target, started) = (Arc::clone(target), Instant::now());
    let find = move || Ok(Members::find_descendants(&target));
    let apply = move |members: &mut Members| {
        let killed = if is_fatal(signal) { kill(members, started) } else { send(members, signal) };
        let not_permitted = members.living().iter().filter(|member| member.is_not_permitted());
        let not_permitted: Vec<_> = not_permitted.filter_map(|member| member.target.info()).collect();
        if not_permitted.is_empty() { killed.map(|()| Vec::new()) } else { Ok(not_permitted) }
    };
    BackgroundTask { find, apply, to_caller: Some(signal) }.begin(on_done);
    Ok(())
}

/// Returns whether no process survives the signal. Where processes cannot be stopped, every signal
/// terminates.
fn is_fatal(signal: Signal) -> bool {
    signal == Signal::KILL || !sys::CAN_STOP && signal != Signal::PROBE
}

/// Sends the signal to all members and to latecomers.
///
/// # Errors
/// [`Error::MayHaveSurvivors`].
fn send(members: &mut Members, signal: Signal) -> Result<(), Error> {
    if signal == Signal::TERM {
        members.begin_asking(Some(Instant::now()));
    }
    members.send(signal);
    for _ in 0..MAX_SCANS {
        let first_latecomer = members.scan(&ProcessList::default());
        if first_latecomer == members.living().len() {
            break;
        }
        members.send_to_latecomers(first_latecomer, &[signal], false);
    }
    if members.has_sent_with_gap() { Err(Error::MayHaveSurvivors(Vec::new())) } else { Ok(()) }
}
