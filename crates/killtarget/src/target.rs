//! A pid turned into a target: one process, for as long as the target lives.

use std::process::Child;

use polling::Poller;

use crate::{
    protection,
    sys::{self, Handle, IdOwner, RunState, StartTime},
    types::{Delivery, Error, Exit, Identity, Method, Pid, ProcessInfo, Scope, Signal, Verification},
};

/// One process, or the knowledge that there was none. Whatever is done goes to that process or to nobody: never to a
/// later one that was given its number.
#[derive(Debug)]
pub struct KillTarget {
    pid: Pid,
    /// None: there was no such process when the target was opened.
    handle: Option<Handle>,
    /// The parent when the target was opened, of one that led a process group: whoever is left there is given to another.
    first_parent: Option<Pid>,
}

impl KillTarget {
    /// The process that has the number now.
    ///
    /// # Errors
    /// [`Error::NotAProcess`] for the id of a thread; [`Error::IdentityUnavailable`] where nothing tells the process
    /// from a later one with its number.
    pub fn from_pid(pid: Pid) -> Result<Self, Error> {
        Self::from_pid_with(pid, Verification::Required)
    }

    /// [`KillTarget::from_pid`], where the caller may be content with the number.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_pid_with(pid: Pid, verification: Verification) -> Result<Self, Error> {
        let mut target = Self { pid, handle: Handle::open(pid, verification)?, first_parent: None };
        if sys::group_of(pid) == Some(pid) {
            target.first_parent = target.parent();
        }
        Ok(target)
    }

    /// [`KillTarget::from_pid`] for one of many that are looked at: whose child it was is not kept.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub(crate) fn open_candidate(pid: Pid) -> Result<Self, Error> {
        Ok(Self { pid, handle: Handle::open(pid, Verification::Required)?, first_parent: None })
    }

    /// A target on a process that is known to be over.
    #[must_use]
    pub fn gone(pid: Pid) -> Self {
        Self { pid, handle: None, first_parent: None }
    }

    /// A child of this process. `None`: it has been waited for.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_child(child: &Child) -> Result<Option<Self>, Error> {
        let target = Self::from_child_pid(Pid::try_from(f64::from(child.id()))?, Verification::Required)?;
        Ok(target.handle.is_some().then_some(target))
    }

    /// The child of this process that has the number now. Once a child was waited for, its number may be a stranger's:
    /// who is not a child is not taken for one, and the target is gone.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_child_pid(pid: Pid, verification: Verification) -> Result<Self, Error> {
        let mut target = match Self::from_pid_with(pid, verification) {
            // No child of this process, as those are processes.
            Err(Error::NotAProcess(_)) => return Ok(Self::gone(pid)),
            target => target?,
        };
        if let Some(handle) = &target.handle
            && !handle.is_child()?
        {
            target.handle = None;
        }
        Ok(target)
    }

    /// The number that the target was opened with. By now it may be another process's.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// By what the target is bound to its process.
    #[must_use]
    pub fn method(&self) -> Method {
        self.handle.as_ref().map_or(Method::Gone, Handle::method)
    }

    /// Whether [`KillTarget::signal`] can't reach another process, however the numbers change meanwhile.
    #[must_use]
    pub fn race_free(&self) -> bool {
        self.handle.as_ref().is_none_or(Handle::race_free)
    }

    /// Signals the process.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM` where it is not permitted.
    pub fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        self.handle.as_ref().map_or(Ok(Delivery::Gone), |handle| handle.signal(signal))
    }

    /// Signals every process in the group that this process leads or led, as long as that has members.
    ///
    /// # Errors
    /// [`Error::Protected`] where the group holds this process, an ancestor or pid 1, unless the signal is 0.
    /// [`Error::NotGroupLeader`] where the process leads no group. [`Error::Os`]: `EPERM` where no member may be
    /// signalled; `ENOSYS` where the process has been reaped and the system has no safe way to its group.
    pub fn signal_pg(&self, signal: Signal) -> Result<Delivery, Error> {
        if signal != Signal::PROBE {
            protection::check(self.pid, Scope::Group)?;
        }
        self.signal_group(signal)
    }

    /// [`KillTarget::signal_pg`] without protection.
    pub(crate) fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        self.handle.as_ref().map_or(Ok(Delivery::Gone), |handle| handle.signal_group(signal))
    }

    /// Whether [`KillTarget::signal_group`] goes nowhere by number.
    pub(crate) fn group_race_free(&self) -> bool {
        self.handle.as_ref().is_none_or(Handle::group_race_free)
    }

    /// Whose the group is that has the target's number now.
    pub(crate) fn group_owner(&self) -> IdOwner {
        self.handle
            .as_ref()
            .map_or(IdOwner::Reused, |handle| handle.group_owner().unwrap_or(IdOwner::Unknown))
    }

    /// Whose the session is that has the target's number now.
    pub(crate) fn session_owner(&self) -> IdOwner {
        self.handle
            .as_ref()
            .map_or(IdOwner::Reused, |handle| handle.session_owner().unwrap_or(IdOwner::Unknown))
    }

    /// Whose child it is, if it was listed as that one's. `None`: it has been given to another since, is over, or it can't be
    /// found out now.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Option<IdOwner> {
        self.handle.as_ref()?.ppid_owner(parent.handle.as_ref()?).ok()?
    }

    /// The parent, read through the hold on the process. `None`: it has none here, is over, or it can't be found out.
    pub(crate) fn parent(&self) -> Option<Pid> {
        self.handle.as_ref()?.parent().ok()?
    }

    /// The parent when the target was opened. `None`: that led no process group, was [`KillTarget::open_candidate`], or it could not be
    /// found out.
    pub(crate) fn first_parent(&self) -> Option<Pid> {
        self.first_parent
    }

    /// Whether the number is the process's own still. Where it can't be found out it is not said to be.
    pub(crate) fn is_unreaped(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| handle.is_unreaped() == Ok(true))
    }

    /// Whether it is known that the number is the process's own no more.
    pub(crate) fn is_reaped(&self) -> bool {
        self.handle.as_ref().is_none_or(|handle| handle.is_unreaped() == Ok(false))
    }

    /// Whether the process runs: false for a zombie whose threads have all ended.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub fn is_alive(&self) -> Result<bool, Error> {
        self.handle.as_ref().map_or(Ok(false), Handle::is_alive)
    }

    /// By what the process can be recognized after the target is dropped. `None`: it has been reaped.
    ///
    /// # Errors
    /// [`Error::IdentityUnavailable`], [`Error::Os`] where it can't be found out.
    pub fn identity(&self) -> Result<Option<Identity>, Error> {
        self.handle.as_ref().map_or(Ok(None), Handle::identity)
    }

    /// How the process ended, once it is over. Nothing is reaped: whoever started it still learns of its end.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out now.
    pub fn exit(&self) -> Result<Exit, Error> {
        self.handle.as_ref().map_or(Ok(Exit::Unknown), Handle::exit)
    }

    /// What can be told of the process now. Where nothing can, that is its number.
    #[must_use]
    pub fn info(&self) -> ProcessInfo {
        let info = self.handle.as_ref().and_then(|handle| handle.info().ok()?);
        info.unwrap_or(ProcessInfo::unknown(self.pid))
    }

    /// Whether the process was started before that. Where it can't be found out it is not said to be.
    pub(crate) fn started_before(&self, time: StartTime) -> bool {
        self.handle.as_ref().is_some_and(|handle| matches!(handle.started(), Ok(Some(start)) if start < time))
    }

    /// What the process is at. `None`: it can't be found out.
    pub(crate) fn run_state(&self) -> Option<RunState> {
        self.handle.as_ref().map_or(Some(RunState::Stopped), |handle| handle.run_state().ok())
    }

    /// What the system can wait for.
    pub(crate) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    /// Has the poller tell when the process is over. False: it has to be looked at.
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        self.handle.as_ref().map_or(Ok(false), |handle| handle.watch(poller, key))
    }

    /// Ends [`KillTarget::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if let Some(handle) = &self.handle {
            handle.unwatch(poller);
        }
    }
}
