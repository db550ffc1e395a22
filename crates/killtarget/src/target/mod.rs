//! A target: one process, for as long as the target lives.

mod ended;
mod guard;
mod token;

use std::{
    process::Child,
    sync::{Arc, OnceLock},
};

use polling::Poller;

use crate::{
    protection,
    sys::{self, GuardOptions, Handle, IdOwner, Moment, RunState},
    types::{Delivery, Error, Exit, Method, Pid, ProcessInfo, Scope, Signal, Verification},
};

/// One process, or the knowledge that there was none. Nothing is ever done to a later process with the same
/// pid.
#[derive(Debug)]
pub struct KillTarget {
    pid: Pid,
    /// `None` if there was no such process at the open.
    handle: Option<Handle>,
    /// The parent at the open, if the process led a group. Orphans in that group have another one.
    first_parent: Option<Pid>,
    /// If there was no such process: a member of the session or group that had the pid as its id then.
    member: Option<Box<KillTarget>>,
    /// How a guard treats what it has started.
    guard: OnceLock<GuardOptions>,
    /// The other process of a guard.
    keeper: OnceLock<Arc<KillTarget>>,
}

impl KillTarget {
    /// Opens the process that has the pid now.
    ///
    /// # Errors
    /// [`Error::NotAProcess`] for the id of a thread. [`Error::IdentityUnavailable`] if the identity of the
    /// process cannot be verified.
    pub fn from_pid(pid: Pid) -> Result<Self, Error> {
        Self::from_pid_with(pid, Verification::Required)
    }

    /// Opens the process that has the pid now, without an identity if the caller allows that.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_pid_with(pid: Pid, verification: Verification) -> Result<Self, Error> {
        let handle = Handle::open(pid, verification)?;
        let mut target = Self::new(pid, handle);
        if sys::group_of(pid) == Some(pid) {
            target.first_parent = target.parent();
        }
        Ok(target)
    }

    /// Opens the process that has the pid now, as one of many. Its parent is not kept.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub(crate) fn open_candidate(pid: Pid) -> Result<Self, Error> {
        Ok(Self::new(pid, Handle::open(pid, Verification::Required)?))
    }

    /// Makes a target for a process that is known to have exited.
    #[must_use]
    pub fn gone(pid: Pid) -> Self {
        Self::new(pid, None)
    }

    const fn new(pid: Pid, handle: Option<Handle>) -> Self {
        Self {
            pid,
            handle,
            first_parent: None,
            member: None,
            guard: OnceLock::new(),
            keeper: OnceLock::new(),
        }
    }

    /// Opens a child of this process. Returns `None` if it has been reaped.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_child(child: &Child) -> Result<Option<Self>, Error> {
        let target = Self::from_child_pid(Pid::try_from(f64::from(child.id()))?, Verification::Required)?;
        Ok(target.handle.is_some().then_some(target))
    }

    /// Opens the child of this process that has the pid now. A reaped child's pid may have been reused: if
    /// the process is not a child, the target is gone.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_child_pid(pid: Pid, verification: Verification) -> Result<Self, Error> {
        let mut target = match Self::from_pid_with(pid, verification) {
            // A child is a process, so this thread is not the child.
            Err(Error::NotAProcess(_)) => return Ok(Self::gone(pid)),
            target => target?,
        };
        if let Some(handle) = &target.handle
            && !handle.is_child()?
        {
            target.handle = None;
        }
        // While it is a guard: once it has exited, that can no longer be read.
        let _ = target.containment();
        Ok(target)
    }

    /// Returns the pid that was opened. By now it may have been reused.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Returns what binds the target to its process.
    #[must_use]
    pub fn method(&self) -> Method {
        self.handle.as_ref().map_or(Method::Gone, Handle::method)
    }

    /// Returns whether [`KillTarget::signal`] cannot reach another process, even if the pid is reused.
    #[must_use]
    pub fn race_free(&self) -> bool {
        self.handle.as_ref().is_none_or(Handle::race_free)
    }

    /// Signals the process.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM` if that is not permitted.
    pub fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        self.handle.as_ref().map_or(Ok(Delivery::Gone), |handle| handle.signal(signal))
    }

    /// Signals every process in the group that this process leads or led, while that group exists.
    ///
    /// # Errors
    /// [`Error::Protected`] if the group holds this process, an ancestor or pid 1, unless the signal is 0.
    /// [`Error::NotGroupLeader`] if the process leads no group. [`Error::Os`]: `EPERM` if no member may be
    /// signalled; `ENOSYS` if the process has been reaped and the system has no safe way to its group.
    pub fn signal_pg(&self, signal: Signal) -> Result<Delivery, Error> {
        if signal != Signal::PROBE {
            protection::check(self.pid, Scope::Group, &|_| false)?;
        }
        self.signal_group(signal)
    }

    /// Signals the group as [`KillTarget::signal_pg`] does, but also a protected one.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        self.handle.as_ref().map_or(Ok(Delivery::Gone), |handle| handle.signal_group(signal))
    }

    /// Returns whether [`KillTarget::signal_group`] goes through a handle.
    pub(crate) fn group_race_free(&self) -> bool {
        self.handle.as_ref().is_none_or(Handle::group_race_free)
    }

    /// Returns the owner of the group that has the target's pid as its id.
    pub(crate) fn group_owner(&self) -> IdOwner {
        match &self.handle {
            Some(handle) => handle.group_owner().unwrap_or(IdOwner::Unknown),
            None => self.owner_by_member(sys::group_of),
        }
    }

    /// Returns the owner of the session that has the target's pid as its id.
    pub(crate) fn session_owner(&self) -> IdOwner {
        match &self.handle {
            Some(handle) => handle.session_owner().unwrap_or(IdOwner::Unknown),
            None => self.owner_by_member(sys::session_of),
        }
    }

    /// Returns whether the session or group that has the target's pid as its id is known to be its own and to have members.
    pub(crate) fn leads_others(&self) -> bool {
        match &self.handle {
            Some(handle) => handle.leads_others(),
            None => self.session_owner() == IdOwner::Original,
        }
    }

    /// Returns the owner of the ppid of a listed child. Returns `None` if it was reparented or reaped since,
    /// or if that cannot be read.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Option<IdOwner> {
        self.handle.as_ref()?.ppid_owner(parent.handle.as_ref()?).ok()?
    }

    /// Returns the parent, read through the handle. Returns `None` if it is outside this namespace, if the
    /// process has been reaped, or if it cannot be read.
    pub(crate) fn parent(&self) -> Option<Pid> {
        self.handle.as_ref()?.parent().ok()?
    }

    /// Returns the parent at the open. Returns `None` for a candidate, for a process that led no group, or if
    /// that could not be read.
    pub(crate) fn first_parent(&self) -> Option<Pid> {
        self.first_parent
    }

    /// Returns whether the process is known to be unreaped, so that its pid is its own.
    pub(crate) fn is_unreaped(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| handle.is_unreaped() == Ok(true))
    }

    /// Returns whether the process is known to be reaped, so that its pid may be reused.
    pub(crate) fn is_reaped(&self) -> bool {
        self.handle.as_ref().is_none_or(|handle| handle.is_unreaped() == Ok(false))
    }

    /// Returns whether the process is alive. A zombie without living threads is not.
    ///
    /// # Errors
    /// [`Error::Os`] if that cannot be read.
    pub fn is_alive(&self) -> Result<bool, Error> {
        self.handle.as_ref().map_or(Ok(false), Handle::is_alive)
    }

    /// Returns how the process exited. It does not reap the process: the parent still gets the exit status.
    ///
    /// # Errors
    /// [`Error::Os`] if that cannot be read now.
    pub fn exit(&self) -> Result<Exit, Error> {
        self.handle.as_ref().map_or(Ok(Exit::Unknown), Handle::exit)
    }

    /// Returns what is known of the process now: its pid, and what can be read. Returns `None` if it has been reaped.
    #[must_use]
    pub fn info(&self) -> Option<ProcessInfo> {
        let (info, started) = match self.handle.as_ref()?.info() {
            Ok(facts) => facts?,
            Err(_) if self.is_reaped() => return None,
            Err(_) => (ProcessInfo::unknown(self.pid), None),
        };
        Some(ProcessInfo { token: self.unique_token(started), ..info })
    }

    /// Returns whether the process was started before that moment, as far as is known.
    pub(crate) fn started_before(&self, moment: Moment) -> bool {
        self.started().is_some_and(|started| moment.is_after_start(started, self.pid))
    }

    /// Returns when the process was started, in the unit of the system: on Linux, in clock ticks since the boot. Returns
    /// `None` if that cannot be read.
    #[must_use]
    pub fn started(&self) -> Option<u64> {
        self.handle.as_ref()?.started().ok().flatten()
    }

    /// Returns the run state, or `None` if it cannot be read.
    pub(crate) fn run_state(&self) -> Option<RunState> {
        self.handle.as_ref().map_or(Some(RunState::Stopped), |handle| handle.run_state().ok())
    }

    /// Returns the handle that the system waits on.
    pub(crate) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    /// Registers the target for exit events. Returns false if it must be polled.
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        self.handle.as_ref().map_or(Ok(false), |handle| handle.watch(poller, key))
    }

    /// Removes the registration of [`KillTarget::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if let Some(handle) = &self.handle {
            handle.unwatch(poller);
        }
    }
}
