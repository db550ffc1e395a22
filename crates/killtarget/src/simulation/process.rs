//! An open process of the simulated kernel.

use std::{
    marker::PhantomData,
    time::{Duration, UNIX_EPOCH},
};

use super::{
    kernel::{self, Id, World},
    system::{Fault, Simulation, System},
};
use crate::{
    scope::process_table::Process,
    sys::{self, IdOwner, Moment, RunState, StartTime, Unreadable},
    types::{Delivery, Error, Exit, GuardRole, Method, Pid, ProcessInfo, Signal},
};

/// One process, for as long as this lives; or the knowledge that there was none.
pub(crate) struct SimulatedProcess<S: Simulation> {
    pub(super) pid: Pid,
    id: Option<Id>,
    first_parent: Option<Pid>,
    /// How many processes the machine had started at the open.
    pub(super) starts: i32,
    pub(super) member: Option<Box<Self>>,
    simulation: PhantomData<S>,
}

impl<S: Simulation> SimulatedProcess<S> {
    fn has_unreaped(&self) -> Result<bool, Unreadable> {
        if self.id.is_some() && (S::FAULT == Fault::UnverifiedPids || S::SYSTEM.handles_pin_pids()) {
            return Ok(true);
        }
        if self.id.is_some() && !kernel::with(World::can_read) {
            return Err(Unreadable);
        }
        Ok(self.ask(false, |world, id| world.get(id).is_unreaped()))
    }

    /// Opens the process that has the pid now, as one of many candidates.
    pub(super) fn candidate(pid: Pid) -> Self {
        let (id, starts) = kernel::with(|world| {
            world.step();
            let id = world.find(pid);
            if let Some(id) = id {
                *world.handles.entry(id).or_default() += 1;
            }
            (id, world.starts())
        });
        Self { pid, id, first_parent: None, starts, member: None, simulation: PhantomData }
    }

    /// Opens the process that has the pid now, as the root of a call.
    pub(crate) fn open(pid: Pid) -> Self {
        let mut process = Self::candidate(pid);
        if kernel::with(|world| world.group_of(pid)) == Some(pid) {
            process.first_parent = process.parent();
        }
        process
    }

    /// Opens what has the pid now: a process, or else the session or group of a process that is over.
    pub(crate) fn open_or_group(pid: Pid) -> Self {
        let mut process = Self::open(pid);
        if process.id.is_none() {
            let is_member = |other: &Pid| {
                kernel::with(|world| [world.session_of(*other), world.group_of(*other)].contains(&Some(pid)))
            };
            let pids = kernel::with(super::kernel::World::unreaped);
            let members = pids.into_iter().filter(is_member).map(Self::candidate);
            process.member =
                members.filter(|member| is_member(&member.pid)).find(Self::is_unreaped).map(Box::new);
        }
        process
    }

    /// Returns how many processes are open.
    pub(crate) fn count_open() -> usize {
        kernel::with(|world| world.handles.values().sum())
    }

    pub(crate) fn id(&self) -> Option<Id> {
        self.id
    }

    /// One call about this process: nothing where there was none.
    pub(super) fn ask<T>(&self, absent: T, ask: impl FnOnce(&mut World, Id) -> T) -> T {
        let Some(id) = self.id else { return absent };
        kernel::with(|world| {
            world.step();
            ask(world, id)
        })
    }
}

impl<S: Simulation> Drop for SimulatedProcess<S> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            kernel::with(|world| *world.handles.entry(id).or_default() -= 1);
        }
    }
}

impl<S: Simulation> Process for SimulatedProcess<S> {
    fn pid(&self) -> Pid {
        self.pid
    }

    fn method(&self) -> Method {
        if self.id.is_some() { Method::Pidfd } else { Method::Gone }
    }

    fn race_free(&self) -> bool {
        true
    }

    fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        self.ask(Ok(Delivery::Gone), |world, id| {
            if signal != Signal::PROBE && world.failing_sends > 0 {
                world.failing_sends -= 1;
                return Err(sys::unsupported("kill"));
            }
            if signal == Signal::KILL && world.failing_kill == Some(id) {
                return Err(sys::unsupported("kill"));
            }
            world.send(id, signal)
        })
    }

    fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        self.ask(Ok(Delivery::Gone), |world, id| match () {
            () if !S::SYSTEM.has_groups() => Err(sys::unsupported("killpg")),
            () if Self::has_group_handle() || world.get(id).is_unreaped() || self.keeps_number(world) => {
                if !world.has_members(id) && world.get(id).is_unreaped() {
                    return Err(Error::NotGroupLeader(self.pid));
                }
                world.send_group(id, signal)
            }
            () => self.group_after_leader(world, id),
        })
    }

    fn group_race_free(&self) -> bool {
        Self::has_group_handle() || !S::SYSTEM.has_groups()
    }

    fn group_owner(&self) -> IdOwner {
        if self.id.is_none() {
            return self.owner_by_member(super::kernel::World::group_of);
        }
        self.ask(IdOwner::Reused, |world, id| match () {
            () if !S::SYSTEM.has_groups() => IdOwner::Reused,
            () if world.get(id).is_unreaped() => IdOwner::Original,
            () if Self::has_group_handle() && world.has_members(id) => IdOwner::Original,
            () if self.keeps_number(world) => {
                if world.has_members(id) {
                    IdOwner::Original
                } else {
                    IdOwner::Reused
                }
            }
            () if Self::has_group_handle() || world.find(self.pid).is_some() => IdOwner::Reused,
            () => IdOwner::Unknown,
        })
    }

    fn session_owner(&self) -> IdOwner {
        if self.id.is_none() {
            return self.owner_by_member(super::kernel::World::session_of);
        }
        let owner = self.group_owner();
        if !S::SYSTEM.is_linux() || owner == IdOwner::Original {
            return owner;
        }
        self.ask(owner, |world, id| match self.number_owner(world, id) {
            Some(owner) => owner,
            None if owner == IdOwner::Reused && world.find(self.pid).is_none() => IdOwner::Unknown,
            None => owner,
        })
    }

    fn leads_others(&self) -> bool {
        self.group_owner() == IdOwner::Original
            || self.ask(false, |world, id| Self::is_number_in_use(world, id))
    }

    fn ppid_owner(&self, parent: &Self) -> Option<IdOwner> {
        let (named, parent) = (parent.pid, parent.id?);
        self.ask(None, |world, id| {
            let process = world.get(id);
            if !S::SYSTEM.orphans_keep_ppid() {
                let is_named = process.is_unreaped() && world.get(process.parent).pid == named;
                return is_named.then_some(IdOwner::Original);
            }
            if world.get(process.born_of).pid != named {
                return None;
            }
            let is_older = world.get(parent).started <= process.started;
            Some(if is_older { IdOwner::Original } else { IdOwner::Reused })
        })
    }

    fn parent(&self) -> Option<Pid> {
        self.ask(None, |world, id| {
            let process = world.get(id);
            let is_known = match S::SYSTEM {
                System::Windows => world.get(process.born_of).is_unreaped(),
                _ => process.is_unreaped() && id != world.init,
            };
            is_known.then(|| world.get(process.parent).pid)
        })
    }

    fn first_parent(&self) -> Option<Pid> {
        self.first_parent
    }

    fn has_member(&self) -> bool {
        self.member.is_some()
    }

    fn is_unreaped(&self) -> bool {
        self.has_unreaped().unwrap_or(false)
    }

    fn is_reaped(&self) -> bool {
        !self.has_unreaped().unwrap_or(true)
    }

    fn is_alive(&self) -> Result<bool, Error> {
        Ok(self.ask(false, |world, id| world.get(id).is_alive()))
    }

    fn exit(&self) -> Result<Exit, Error> {
        Ok(self.ask(Exit::Unknown, |world, id| world.get(id).exit))
    }

    fn info(&self) -> ProcessInfo {
        let unknown = ProcessInfo::unknown(self.pid);
        self.ask(unknown.clone(), |world, id| {
            let process = world.get(id);
            if !process.is_unreaped() {
                return unknown;
            }
            let state = match () {
                () if !process.is_alive() => 'Z',
                () if process.is_uninterruptible => 'D',
                () if process.is_stopped => 'T',
                () => 'R',
            };
            let raw = |id: Id| Some(world.get(id).pid.as_raw());
            ProcessInfo {
                ppid: raw(process.parent),
                pgid: raw(process.group),
                sid: raw(process.session),
                state: Some(state),
                start_time: Some(UNIX_EPOCH + Duration::from_millis(process.started * 10)),
                ..unknown
            }
        })
    }

    fn started(&self) -> Option<StartTime> {
        self.ask(None, |world, id| {
            let process = world.get(id);
            process.is_unreaped().then_some(process.started)
        })
    }

    fn started_before(&self, moment: Moment) -> bool {
        self.ask(false, |world, id| {
            let process = world.get(id);
            process.is_unreaped() && moment.is_after_start(process.started, process.birth)
        })
    }

    fn guard_role(&self) -> Option<GuardRole> {
        self.ask(None, |world, id| world.get(id).guard_role)
    }

    fn tell_asked(&self, signal: Option<Signal>, _: Duration) -> Option<bool> {
        self.ask(Some(false), |world, id| world.tell(id, signal).then(|| S::SYSTEM.is_linux()))
    }

    fn run_state(&self) -> Option<RunState> {
        Some(self.ask(RunState::Stopped, |world, id| {
            let process = world.get(id);
            match () {
                () if process.is_stopped && process.is_traced && process.is_alive() => RunState::Traced,
                () if process.is_stopped || !process.is_alive() => RunState::Stopped,
                () if process.is_uninterruptible => RunState::Uninterruptible,
                () => RunState::Running,
            }
        }))
    }
}
