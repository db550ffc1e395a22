//! The children of the guard: the keeper, and the helpers of the guard.

use super::{kill::MAX_REAPED, witness::Witness};
use crate::{
    sys::{self, Change, Waited},
    types::{Pid, Signal, Status},
};

pub(crate) struct Family {
    keeper: Pid,
    /// How the keeper has exited.
    keeper_end: Option<Status>,
    /// `None` once it was reaped: its pid may be another process's then.
    mirror: Option<Pid>,
    /// The same.
    witness: Option<Witness>,
}

impl Family {
    pub(crate) const fn new(keeper: Pid, mirror: Option<Pid>, witness: Witness) -> Self {
        Self { keeper, keeper_end: None, mirror, witness: Some(witness) }
    }

    pub(crate) const fn keeper_end(&self) -> Option<Status> {
        self.keeper_end
    }

    /// Returns the keeper or the mirror, if that has this pid. Both continue the guard.
    pub(crate) fn own(&self, pid: i32) -> Option<Pid> {
        [Some(self.keeper), self.mirror].into_iter().flatten().find(|own| own.raw() == pid)
    }

    /// Returns whether the witness got this signal, too, as [`Witness::has_got`] does.
    pub(crate) fn has_group_got(&self, signal: Signal, merges: bool) -> bool {
        self.witness.as_ref().is_some_and(|witness| witness.has_got(signal, merges))
    }

    pub(crate) fn continue_keeper(&self) {
        if self.keeper_end.is_none() {
            let _ = sys::kill(self.keeper, Signal::CONT);
        }
    }

    /// Reaps. Returns whether more children may have to be reaped.
    pub(crate) fn reap(&mut self) -> bool {
        for _ in 0..MAX_REAPED {
            match sys::wait_next() {
                Waited::Child(pid, Change::Exited(status)) => {
                    if pid == self.keeper.raw() {
                        self.keeper_end = Some(status);
                    }
                    self.mirror.take_if(|mirror| mirror.raw() == pid);
                    self.witness.take_if(|witness| witness.pid().raw() == pid);
                }
                // The witness is continued when it is asked: a SIGCONT is a signal that it tells about.
                Waited::Child(pid, Change::Stopped) => {
                    if let Some(pid) = self.own(pid) {
                        let _ = sys::kill(pid, Signal::CONT);
                    }
                }
                Waited::Child(_, Change::Continued) => {}
                Waited::Nothing | Waited::NoChildren => return false,
            }
        }
        true
    }

    pub(crate) const fn has_helpers(&self) -> bool {
        self.mirror.is_some() || self.witness.is_some()
    }

    pub(crate) fn kill_helpers(&self) {
        for helper in [self.mirror, self.witness.as_ref().map(Witness::pid)].into_iter().flatten() {
            let _ = sys::kill(helper, Signal::KILL);
        }
    }
}
