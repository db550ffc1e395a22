//! The command's process, as its parent knows it.

use super::{got::Receiver, procfs::Stat};
use crate::{
    sys::{self, Change},
    types::{Pid, Signal, Status},
};

pub(crate) struct Child {
    pid: Pid,
    /// The process group of the guard.
    group: i32,
    /// Whether it has stopped, by the last change that was told.
    has_stopped: bool,
    /// How it has exited. Until that is known it was not reaped, and the pid is its own.
    status: Option<Status>,
}

impl Child {
    pub(crate) const fn new(pid: Pid, group: i32) -> Self {
        Self { pid, group, has_stopped: false, status: None }
    }

    /// Takes note of the change of a child. Returns whether it is this one.
    pub(crate) const fn note(&mut self, pid: i32, change: Change) -> bool {
        let is_this = pid == self.pid.raw() && self.status.is_none();
        if is_this {
            match change {
                Change::Exited(status) => self.status = Some(status),
                Change::Stopped => self.has_stopped = true,
                Change::Continued => self.has_stopped = false,
            }
        }
        is_this
    }

    pub(crate) const fn status(&self) -> Option<Status> {
        self.status
    }

    /// Returns whether the last change that was told is a stop.
    pub(crate) const fn has_stopped(&self) -> bool {
        self.has_stopped && self.status.is_none()
    }

    /// Returns whether it is stopped now: nothing has continued it since the last change that was told.
    pub(crate) fn is_stopped(&self) -> bool {
        self.has_stopped() && Stat::read(self.pid.raw()).is_none_or(|stat| !stat.may_run())
    }

    pub(crate) const fn receiver(&self) -> Receiver {
        Receiver::Command(self.pid)
    }

    /// The group that it was started in.
    pub(crate) const fn receivers(&self) -> Receiver {
        Receiver::Group(self.group)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if self.status.is_none() {
            let _ = sys::kill(self.pid, signal);
        }
    }

    /// Sends it what the guard's group got, if it has left the group.
    pub(crate) fn signal_outside(&self, signal: Signal) {
        if self.status.is_none() && sys::group_of(self.pid) != Some(self.group) {
            self.signal(signal);
        }
    }
}
