//! The module `guard` of a platform that has no program for contained launch yet, so that no process is a guard.

use std::path::PathBuf;

use super::handle::Handle;
use crate::{
    sys::types::GuardOptions,
    types::{Delivery, Error, Pid, Signal},
};

pub(crate) fn guard_program() -> Option<PathBuf> {
    None
}

#[allow(clippy::unused_self, clippy::unnecessary_wraps)] // on Linux it is not
impl Handle {
    pub(crate) fn is_guard(&self) -> bool {
        false
    }

    pub(crate) fn guard_options(&self) -> Option<GuardOptions> {
        None
    }

    pub(crate) fn is_keeper(&self) -> bool {
        false
    }

    pub(crate) fn kept_command(&self) -> Option<Pid> {
        None
    }

    pub(crate) fn innermost_pid(&self) -> Option<Pid> {
        None
    }

    pub(crate) fn note_guard(&self) {}

    pub(crate) fn has_said_over(&self) -> Option<bool> {
        None
    }

    pub(crate) fn request_begin(&self) -> Result<Delivery, Error> {
        Ok(Delivery::Gone)
    }

    pub(crate) fn request_kill(&self) -> Result<Delivery, Error> {
        self.signal(Signal::KILL)
    }
}
