//! The process table that scopes are built on.
//!
//! [`Kernel`](super::kernel::Kernel) is this machine's process table. Tests have a simulated one, in which
//! processes change between any two calls.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    protection,
    sys::{IdOwner, Moment, RunState, StartTime, Unreadable, Visibility},
    types::{
        Containment, Delivery, Error, Exit, GuardRole, Method, Pid, ProcessInfo, ProtectedProcess, Scope,
        Signal,
    },
};

/// The processes of one system. Any answer may be out of date when it arrives.
pub(crate) trait ProcessTable: Sized + 'static {
    /// One process, for as long as this value lives.
    type Process: Process;
    /// The processes at about one moment.
    type List: ProcessList<Self::Process>;

    /// Within how many units of the start time another process may have the same one.
    const START_TIME_STEP: StartTime;
    /// Whether processes can be stopped and continued.
    const CAN_STOP: bool;
    /// Whether a signal to a group reaches all members in one step, so that no member forks in between.
    const GROUP_SIGNAL_IS_ATOMIC: bool;
    /// Whether a guard has a second process, which may outlive it.
    const GUARDS_HAVE_KEEPERS: bool = true;
    /// Whether a child names its parent after the parent has exited.
    const ORPHANS_KEEP_PPID: bool;
    /// Whether the session of a zombie can be read.
    const GETSID_SEES_ZOMBIES: bool;

    /// Returns the time on the monotonic clock.
    fn now() -> Instant;
    /// Blocks the thread for this time.
    fn pause(duration: Duration);
    /// Returns the moment of this call, which processes were started before or after.
    fn moment() -> Moment;
    /// Returns the pid of the calling process.
    fn own_pid() -> Pid;
    /// Returns whether orphans may be given to the calling process.
    fn adopts_orphans() -> bool;
    /// Returns the process group of a process, or `None` if it has no id in this namespace.
    fn read_group(pid: Pid) -> Result<Option<Pid>, Unreadable>;
    /// Returns the session of a process, or `None` if it has no id in this namespace.
    fn read_session(pid: Pid) -> Result<Option<Pid>, Unreadable>;

    /// Returns the process group of a process, or `None` if it cannot be read or has no id in this namespace.
    fn group_of(pid: Pid) -> Option<Pid> {
        Self::read_group(pid).unwrap_or(None)
    }

    /// Returns the session of a process, or `None` if it cannot be read or has no id in this namespace.
    fn session_of(pid: Pid) -> Option<Pid> {
        Self::read_session(pid).unwrap_or(None)
    }

    /// Returns whether a process has the pid, be it a zombie, as far as a call by pid tells.
    fn has_process(pid: Pid) -> bool;
    /// Returns whether a look at each process takes less time than the lists of the children of some.
    fn has_few_processes() -> bool;
    /// Returns whether a process leads a session, or may lead one.
    fn may_lead_session(pid: Pid) -> bool;
    /// Returns a value that changes whenever a process is made, or `None` if the system has none.
    fn last_pid() -> Option<Pid>;
    /// Returns the last pids that were assigned up to this one, in any order. Pids that a process has may be left out.
    fn recent_pids(last_pid: Pid) -> Vec<Pid>;
    /// Returns the last pid now, and the pids of the processes that were started since it was that one. Older ones may be
    /// among them. Returns `None` if they are too many, or cannot be told.
    fn started_since(last_pid: Pid) -> Option<(Pid, Vec<Pid>)>;
    /// Opens the process that has the pid now. It may be any process.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`](crate::KillTarget::from_pid).
    fn open_candidate(pid: Pid) -> Result<Self::Process, Error>;
    /// Opens the calling process. Returns `None` if that fails.
    fn open_caller() -> Option<Self::Process>;
    /// Makes a list of the processes. Each part is read at its first use.
    fn list() -> Self::List;
    /// Returns the calling process, pid 1 and the caller's ancestors.
    fn protected_processes() -> Vec<(Pid, ProtectedProcess)>;
    /// Returns a process's ancestors, its parent first, or `None` if they cannot be read.
    fn ancestors_from(parent: Pid, is_still_parent: &dyn Fn(Pid) -> bool) -> Option<Vec<Pid>>;
    /// Returns the ancestors of the calling process.
    fn own_ancestors() -> Vec<Pid>;

    /// Checks that a scope holds no protected process but those that are left alone.
    ///
    /// # Errors
    /// [`Error::Protected`].
    fn check_protected(pid: Pid, scope: Scope, is_left_alone: &dyn Fn(Pid) -> bool) -> Result<(), Error> {
        let is_in_group = |member, group| Self::group_of(member) == Some(group);
        let is_in_session = |member, session| Self::session_of(member) == Some(session);
        let protected = Self::protected_processes().into_iter().filter(|(member, _)| !is_left_alone(*member));
        protection::check_among(protected, pid, scope, is_in_group, is_in_session)
    }
}

/// One process, as an open target. Each method is [`KillTarget`](crate::KillTarget)'s method of that name.
#[allow(missing_docs)] // see KillTarget
pub(crate) trait Process: Sized + 'static {
    fn pid(&self) -> Pid;
    fn method(&self) -> Method;
    fn race_free(&self) -> bool;
    fn signal(&self, signal: Signal) -> Result<Delivery, Error>;
    fn signal_group(&self, signal: Signal) -> Result<Delivery, Error>;
    fn group_race_free(&self) -> bool;
    fn group_owner(&self) -> IdOwner;
    fn session_owner(&self) -> IdOwner;
    fn leads_others(&self) -> bool;
    fn ppid_owner(&self, parent: &Self) -> Option<IdOwner>;
    fn parent(&self) -> Option<Pid>;
    fn first_parent(&self) -> Option<Pid>;
    fn has_member(&self) -> bool;
    fn is_unreaped(&self) -> bool;
    fn is_reaped(&self) -> bool;
    fn is_alive(&self) -> Result<bool, Error>;

    /// Returns false only if the process is known to have exited. A failed read, as without a descriptor,
    /// returns true.
    fn may_be_alive(&self) -> bool {
        self.is_alive() != Ok(false)
    }

    fn exit(&self) -> Result<Exit, Error>;
    fn info(&self) -> ProcessInfo;
    fn started(&self) -> Option<StartTime>;
    fn started_before(&self, moment: Moment) -> bool;
    fn run_state(&self) -> Option<RunState>;

    fn containment(&self) -> Option<Containment> {
        None
    }

    fn keeper(&self) -> Option<&Arc<Self>> {
        None
    }

    fn keeps_leftovers(&self) -> bool {
        false
    }

    fn may_leave_others(&self) -> bool {
        false
    }

    fn command(&self) -> Option<Pid> {
        None
    }

    fn guard_role(&self) -> Option<GuardRole> {
        None
    }

    fn has_adopted(&self, _child: &Self) -> bool {
        false
    }

    fn tell_asked(&self, _signal: Option<Signal>, _time: Duration) -> Option<bool> {
        Some(false)
    }

    fn has_said_over(&self) -> Option<bool> {
        None
    }

    fn request_kill(&self) -> Result<Delivery, Error> {
        self.signal(Signal::KILL)
    }
}

/// The processes at about one moment.
pub(crate) trait ProcessList<P>: Sized {
    /// Makes a list of the processes as they are now. A list keeps what it has read.
    fn anew() -> Self;
    /// Returns which processes can be seen.
    fn visibility(&self) -> Visibility;
    /// Returns all processes, or `None` if they cannot be listed.
    fn all(&self) -> Option<&[Pid]>;
    /// Reads the group of each process, unless that was done.
    fn read_groups(&self);
    /// Returns the members of a group at the time of that reading.
    fn group(&self, group: Pid) -> Vec<Pid>;
    /// Returns whether a process may have been missed while the groups were read.
    fn has_gaps_in_groups(&self) -> bool;
    /// Returns how long the reading of the groups took. Zero if it was not done.
    fn time_taken(&self) -> Duration;
    /// Returns the children of the process that has the pid, or `None` if some may be missing.
    fn children(&self, pid: Pid) -> Option<Vec<Pid>>;
    /// Returns the children of an open process, or `None` if some may be missing.
    fn children_of(&self, parent: &P) -> Option<Vec<Pid>>;
}
