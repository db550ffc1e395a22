//! Signals in the simulated kernel, and whether each may go where it goes.

use super::{
    kernel::{Id, Leader, World},
    system::System,
};
use crate::{
    sys,
    types::{Delivery, Error, Exit, Signal},
};

impl World {
    /// Tells a guard that all were asked. Returns false if that cannot be told yet.
    pub(super) fn tell(&mut self, id: Id, signal: Option<Signal>) -> bool {
        self.told.push((id, signal));
        let can_tell = self.failing_tells == 0;
        self.failing_tells = self.failing_tells.saturating_sub(1);
        can_tell
    }

    /// Signals one process.
    ///
    /// # Errors
    /// [`Error::Os`] with `EPERM`.
    pub(super) fn send(&mut self, id: Id, signal: Signal) -> Result<Delivery, Error> {
        let process = self.get(id);
        if !process.is_unreaped() {
            return Ok(Delivery::Gone);
        }
        if !self.may_be_sent(id, signal) {
            return Err(sys::not_permitted("kill"));
        }
        self.deliver(id, signal);
        Ok(Delivery::Delivered)
    }

    /// Signals a group.
    ///
    /// # Errors
    /// [`Error::Os`] with `EPERM`: no member may be signalled.
    pub(super) fn send_group(&mut self, group: Leader, signal: Signal) -> Result<Delivery, Error> {
        let members: Vec<_> = self.members(group).collect();
        if members.is_empty() {
            return Ok(Delivery::Gone);
        }
        let mut is_permitted = false;
        for id in members {
            if !self.system.group_signal_is_atomic() {
                self.step();
            }
            if self.may_be_sent(id, signal) {
                is_permitted = true;
                self.deliver(id, signal);
            }
        }
        if is_permitted { Ok(Delivery::Delivered) } else { Err(sys::not_permitted("kill")) }
    }

    /// Returns whether a process has got the signal.
    pub(crate) fn was_sent(&self, id: Id, signal: Signal) -> bool {
        self.sent.contains(&(id, signal))
    }

    /// Returns whether the caller may send the signal. SIGCONT may go to any process in its session.
    pub(super) fn may_be_sent(&self, id: Id, signal: Signal) -> bool {
        let is_in_session = self.get(id).session == self.get(self.caller).session;
        !self.get(id).is_not_permitted || signal == Signal::CONT && is_in_session
    }

    pub(super) fn members(&self, group: Leader) -> impl Iterator<Item = Id> + '_ {
        self.ids().filter(move |id| self.get(*id).is_unreaped() && self.get(*id).group == group)
    }

    /// Returns whether a process is in scope: a member of the root's group, or of the tree. An orphan in the root's group
    /// may be of the tree, which no system can tell, and so may its descendants.
    fn may_be_signalled(&self, id: Id) -> bool {
        let above = |id: &Id| (*id > self.caller).then(|| self.get(*id).born_of);
        let is_of_tree = |id: Id| self.get(id).is_of_tree || self.get(id).was_group_orphan;
        let line = std::iter::successors(Some(id), above);
        !self.is_excepted(id) && (self.get(id).was_in_root_group || line.into_iter().any(is_of_tree))
    }

    /// Returns whether a process is left alone, or was started by one that is.
    pub(super) fn is_excepted(&self, id: Id) -> bool {
        let above = |id: &Id| (*id > self.caller).then(|| self.get(*id).born_of);
        std::iter::successors(Some(id), above).any(|id| self.excepted.contains(&id))
    }

    fn deliver(&mut self, id: Id, signal: Signal) {
        if signal == Signal::PROBE {
            return;
        }
        self.note(|| format!("signal {} to {id}", signal.as_raw()));
        self.sent.push((id, signal));
        if !self.may_be_signalled(id) {
            let violation = format!("signal {} to {:?}", signal.as_raw(), self.get(id));
            self.violations.push(violation);
        }
        let ends = self.system == System::Windows;
        if !ends && signal == Signal::TERM && self.get(id).is_clean_up {
            let violation = format!("signal {} to a clean-up, {:?}", signal.as_raw(), self.get(id));
            self.violations.push(violation);
        }
        let process = self.get_mut(id);
        match signal {
            _ if !process.is_alive() => {}
            Signal::KILL => process.has_kill = true,
            _ if ends => process.has_kill = true,
            Signal::STOP => process.has_stop = true,
            Signal::CONT => (process.is_stopped, process.has_stop) = (false, false),
            _ => (process.has_term, process.was_asked) = (true, true),
        }
    }

    /// Lets the signals of a process take effect.
    pub(super) fn settle(&mut self, id: Id) {
        if !self.is_due(id) {
            return;
        }
        let process = self.get_mut(id);
        if process.has_kill {
            self.exit(id, Exit::Signal(Signal::KILL));
        } else if process.has_stop {
            process.has_stop = false;
            process.is_stopped = true;
            self.note(|| format!("{id} stops"));
        } else if process.has_term {
            process.has_term = false;
            if !process.ignores_term {
                self.exit(id, Exit::Signal(Signal::TERM));
            }
        }
    }
}
