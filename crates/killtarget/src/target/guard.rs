//! A target that is a guard: what `contained` has started in front of a command.

use std::{sync::Arc, time::Duration};

use super::KillTarget;
use crate::{
    sys::{self, GUARDS_HAVE_KEEPERS, Handle, IdOwner, ProcessList},
    types::{Containment, Delivery, Error, GuardRole, Pid, Signal},
};

impl KillTarget {
    /// Returns what contains the command of a guard, or `None` if the process is no guard.
    ///
    /// It is remembered, together with the keeper. So ask for it before the guard has exited.
    #[must_use]
    pub fn containment(&self) -> Option<Containment> {
        if self.guard.get().is_none()
            && let Some(handle) = self.handle.as_ref().filter(|handle| handle.is_guard())
            && let Some(options) = handle.guard_options()
        {
            let _ = self.guard.set(options);
        }
        self.keeper();
        let containment = self.guard.get()?.containment;
        if let Some(handle) = &self.handle {
            handle.note_guard();
        }
        Some(containment)
    }

    /// Returns the keeper of a guard, which is its second process, or `None` if it is not known. The guard may not have
    /// started it yet, or may have exited before this was asked for.
    pub(crate) fn keeper(&self) -> Option<&Arc<Self>> {
        if GUARDS_HAVE_KEEPERS
            && self.guard.get().is_some()
            && self.keeper.get().is_none()
            && let Some(keeper) = self.find_keeper()
        {
            let _ = self.keeper.set(Arc::new(keeper));
        }
        self.keeper.get()
    }

    /// Children are found by the pid of their parent. So the guard must have had that all the time: a reaped guard's pid may be
    /// that of another guard.
    fn find_keeper(&self) -> Option<Self> {
        if !self.is_unreaped() {
            return None;
        }
        let children = ProcessList::default().children_of(self.handle.as_ref()?)?;
        children.into_iter().find_map(|pid| {
            let child = Self::open_candidate(pid).ok()?;
            let is_keeper = child.guard_role() == Some(GuardRole::Keeper);
            let is_own = is_keeper && child.ppid_owner(self) == Some(IdOwner::Original) && self.is_unreaped();
            is_own.then_some(child)
        })
    }

    /// Returns whether the keeper of a guard goes on after the guard.
    pub(crate) fn keeps_leftovers(&self) -> bool {
        self.guard.get().is_some_and(|options| options.keeps)
    }

    /// Returns whether the keeper of a guard is known. Returns `None` if the process was no guard of which the keeper goes on when
    /// it was opened as a child.
    #[must_use]
    pub fn knows_keeper(&self) -> Option<bool> {
        self.keeps_leftovers().then(|| self.keeper().is_some())
    }

    /// Returns whether a guard may exit while processes live on that it has started. Its host is this process, if it is a child.
    pub(crate) fn may_leave_others(&self) -> bool {
        let is_child = || self.handle.as_ref().is_some_and(|handle| handle.is_child() == Ok(true));
        self.guard.get().is_some_and(|options| options.leaves || options.leaves_orphans && !is_child())
    }

    /// Returns which process of a guard this is, or `None` if it is of none.
    pub(crate) fn guard_role(&self) -> Option<GuardRole> {
        let handle = self.handle.as_ref().filter(|handle| handle.is_guard())?;
        Some(if handle.is_keeper() { GuardRole::Keeper } else { GuardRole::Other })
    }

    /// Returns whether a keeper has adopted a child of it, which is not the command then.
    pub(crate) fn has_adopted(&self, child: &Self) -> bool {
        let handles = self.handle.as_ref().zip(child.handle.as_ref());
        handles.is_some_and(|(keeper, child)| keeper.has_adopted(child))
    }

    /// Returns the pid of the command of a guard. Returns `None` if the guard has not started it yet, or has reaped it.
    #[must_use]
    pub fn command(&self) -> Option<Pid> {
        self.containment()?;
        let keeper = if GUARDS_HAVE_KEEPERS { self.keeper()?.as_ref() } else { self };
        let command = keeper.handle.as_ref()?.kept_command()?;
        let starter = if sys::KEEPER_STARTS_COMMAND { keeper } else { self };
        ProcessList::default().children_of(starter.handle.as_ref()?)?.into_iter().find(|pid| {
            let child = Self::open_candidate(*pid);
            child.is_ok_and(|child| child.handle.and_then(|handle| handle.innermost_pid()) == Some(command))
        })
    }

    /// Returns whether a guard has not made the process of its command yet.
    pub(crate) fn is_starting(&self) -> bool {
        let is_starting = |keeper: &Arc<Self>| keeper.handle.as_ref().is_some_and(Handle::is_starting);
        GUARDS_HAVE_KEEPERS
            && self.containment().is_some()
            && self.keeper().map_or(self.is_alive() != Ok(false), is_starting)
    }

    /// Lets the command of a guard begin, if it waits for that.
    ///
    /// # Errors
    /// [`Error::Os`]: `EAGAIN` if too many signals are queued.
    pub fn begin_command(&self) -> Result<Delivery, Error> {
        let starter = if sys::KEEPER_STARTS_COMMAND { self.keeper().map(Arc::as_ref) } else { Some(self) };
        let starter = starter.and_then(|starter| starter.handle.as_ref());
        starter.map_or(Ok(Delivery::Gone), Handle::request_begin)
    }

    /// Returns whether a guard has said that nothing is left. Returns `None` if guards of this system do not say that.
    pub(crate) fn has_said_over(&self) -> Option<bool> {
        self.handle.as_ref()?.has_said_over()
    }

    /// Tells a guard that all below it were asked to exit, and how long they have. With a signal, the guard is requested to ask them.
    /// Returns false if it cannot be told, and `None` if it cannot be told yet.
    pub(crate) fn tell_asked(&self, signal: Option<Signal>, time: Duration) -> Option<bool> {
        self.handle.as_ref().map_or(Some(false), |handle| handle.tell_asked(signal, time))
    }

    /// Asks a guard to kill all that it has started.
    pub(crate) fn request_kill(&self) -> Result<Delivery, Error> {
        self.handle.as_ref().map_or(Ok(Delivery::Gone), Handle::request_kill)
    }
}
