//! What a process that is over has left behind: its session or group.

use super::KillTarget;
use crate::{
    sys::{self, IdOwner, ProcessList},
    types::{Error, Pid, PidClock},
};

impl KillTarget {
    /// Opens what has the pid now: a process, or else the session or group of a process that is over. A member
    /// of those is held, and keeps the pid from reuse.
    ///
    /// # Errors
    /// As for [`KillTarget::from_pid`].
    pub fn from_pid_or_group(pid: Pid) -> Result<Self, Error> {
        let mut target = Self::from_pid(pid)?;
        if target.handle.is_none() {
            target.member = find_member(pid).map(Box::new);
        }
        Ok(target)
    }

    /// Opens the session or group that an ended child of this process has left behind. `started` is a moment before
    /// the child was started. Returns `None` if there is none, or if the pid may have been reused.
    #[must_use]
    pub fn from_ended_child(pid: Pid, started: PidClock) -> Option<Self> {
        let target = Self::from_pid_or_group(pid).ok()?;
        // After the opening, so that the member which is held was found in time.
        (target.has_member() && sys::pids_not_reused_since(started)).then_some(target)
    }

    /// Returns whether a member of its session or group is held, as the process was over at the open.
    pub(crate) fn has_member(&self) -> bool {
        self.member.is_some()
    }

    /// Returns the owner of a group or session, of which the held member may be one.
    pub(super) fn owner_by_member(&self, id_of: fn(Pid) -> Option<Pid>) -> IdOwner {
        match &self.member {
            None => IdOwner::Reused,
            Some(member) if id_of(member.pid) == Some(self.pid) && member.is_unreaped() => IdOwner::Original,
            Some(_) => IdOwner::Unknown,
        }
    }
}

/// Finds a process in the session or group that has this id now.
fn find_member(id: Pid) -> Option<KillTarget> {
    let is_member = |pid: Pid| sys::session_of(pid) == Some(id) || sys::group_of(pid) == Some(id);
    let list = ProcessList::default();
    let mut members = list.all()?.iter().copied().filter(|pid| is_member(*pid));
    members.find_map(|pid| {
        let member = KillTarget::open_candidate(pid).ok()?;
        // While it is unreaped it has its pid, so both were read of it.
        (is_member(pid) && member.is_unreaped()).then_some(member)
    })
}
