//! The simulated kernel as a process table.

use std::{
    marker::PhantomData,
    time::{Duration, Instant},
};

use super::{
    kernel::{self, World},
    process::SimulatedProcess,
    process_list::SimulatedList,
    system::{Fault, Simulation},
};
use crate::{
    scope::process_table::ProcessTable,
    sys::{self, Moment, StartTime, Unreadable},
    types::{Error, Pid, ProtectedProcess},
};

/// The processes of the world of this thread.
pub(crate) struct Simulated<S>(PhantomData<S>);

impl<S: Simulation> ProcessTable for Simulated<S> {
    type Process = SimulatedProcess<S>;
    type List = SimulatedList<S>;

    const START_TIME_STEP: StartTime = 1;
    const CAN_STOP: bool = S::SYSTEM.can_stop();
    const GROUP_SIGNAL_IS_ATOMIC: bool = S::SYSTEM.group_signal_is_atomic();
    const ORPHANS_KEEP_PPID: bool = S::SYSTEM.orphans_keep_ppid();
    const GETSID_SEES_ZOMBIES: bool = S::SYSTEM.getsid_sees_zombies();

    fn now() -> Instant {
        kernel::with(|world| world.now())
    }

    fn pause(duration: Duration) {
        kernel::with(|world| world.wait(duration));
    }

    fn moment() -> Moment {
        let last_pid = Self::last_pid();
        Moment { time: Some(kernel::with(|world| world.ticks())), last_pid }
    }

    fn own_pid() -> Pid {
        kernel::with(|world| world.get(world.caller).pid)
    }

    fn adopts_orphans() -> bool {
        kernel::with(|world| world.get(world.caller).is_subreaper)
    }

    fn has_process(pid: Pid) -> bool {
        kernel::with(|world| world.group_of(pid)).is_some()
    }

    fn has_few_processes() -> bool {
        kernel::with(|world| world.has_few_processes)
    }

    fn read_group(pid: Pid) -> Result<Option<Pid>, Unreadable> {
        kernel::with(|world| if world.can_read() { Ok(world.group_of(pid)) } else { Err(Unreadable) })
    }

    fn read_session(pid: Pid) -> Result<Option<Pid>, Unreadable> {
        kernel::with(|world| if world.can_read() { Ok(world.session_of(pid)) } else { Err(Unreadable) })
    }

    fn may_lead_session(pid: Pid) -> bool {
        kernel::with(|world| world.may_lead_session(pid))
    }

    fn last_pid() -> Option<Pid> {
        let forks = kernel::with(|world| {
            world.step();
            if S::FAULT == Fault::ForgottenForks { 1 } else { world.forks }
        });
        // Pids are reused here before all have been given, so the count of forks stands for the last pid.
        Pid::new(forks).ok().filter(|_| S::SYSTEM.is_linux())
    }

    fn recent_pids(_: Pid) -> Vec<Pid> {
        kernel::with(|world| world.begun_forks.clone())
    }

    fn started_since(last_pid: Pid) -> Option<(Pid, Vec<Pid>)> {
        let now = Self::last_pid()?;
        let is_newer = |process: &&kernel::Process| last_pid < process.birth && process.birth <= now;
        let started = kernel::with(|world| {
            world.processes.iter().filter(is_newer).map(|process| process.pid).collect()
        });
        Some((now, started))
    }

    fn open_candidate(pid: Pid) -> Result<SimulatedProcess<S>, Error> {
        let candidate = SimulatedProcess::candidate(pid);
        if kernel::with(World::can_read) { Ok(candidate) } else { Err(sys::unsupported("open")) }
    }

    fn open_caller() -> Option<SimulatedProcess<S>> {
        Some(SimulatedProcess::candidate(Self::own_pid()))
    }

    fn list() -> SimulatedList<S> {
        kernel::with(|world| world.last_list = world.elapsed);
        SimulatedList::new()
    }

    fn protected_processes() -> Vec<(Pid, ProtectedProcess)> {
        kernel::with(|world| {
            let caller = (world.get(world.caller).pid, ProtectedProcess::Caller);
            let ancestors = world.ancestors(world.caller);
            let ancestors = ancestors.into_iter().map(|pid| (pid, ProtectedProcess::Ancestor(pid)));
            [caller, (Pid::INIT, ProtectedProcess::Init)].into_iter().chain(ancestors).collect()
        })
    }

    fn ancestors_from(parent: Pid, is_still_parent: &dyn Fn(Pid) -> bool) -> Option<Vec<Pid>> {
        let line = kernel::with(|world| {
            world.step();
            let id = world.find(parent)?;
            let above = if id == world.init { Vec::new() } else { world.ancestors(id) };
            Some([vec![parent], above].concat())
        });
        line.filter(|_| is_still_parent(parent))
    }

    fn own_ancestors() -> Vec<Pid> {
        kernel::with(|world| world.ancestors(world.caller))
    }
}
