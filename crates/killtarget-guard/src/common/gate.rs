//! Where the command's process waits before it becomes the command.

use std::os::fd::{AsFd, OwnedFd};

use super::clock::{Time, now};
use crate::sys;

/// How long it waits for the host, in milliseconds: the thread that would let by may have ended.
const HOST_TIMEOUT: u32 = 15_000;

/// It opens once the guard has passed on earlier signals, and the host knows the keeper if it wants to.
pub(crate) struct Gate {
    file: Option<OwnedFd>,
    waits_for_guard: bool,
    /// Until when it waits for the host.
    waits_for_host: Option<Time>,
}

impl Gate {
    pub(crate) fn new(file: OwnedFd, waits_for_host: bool) -> Self {
        let waits_for_host = waits_for_host.then(|| now().after(HOST_TIMEOUT));
        Self { file: Some(file), waits_for_guard: true, waits_for_host }
    }

    pub(crate) fn let_by_guard(&mut self) {
        self.waits_for_guard = false;
        self.open();
    }

    pub(crate) fn let_by_host(&mut self) {
        self.waits_for_host = None;
        self.open();
    }

    /// When to call [`Gate::advance`].
    pub(crate) const fn due(&self) -> Option<Time> {
        self.waits_for_host
    }

    /// No longer waits for the host if it is time.
    pub(crate) fn advance(&mut self) {
        if self.waits_for_host.is_some_and(|time| time <= now()) {
            self.let_by_host();
        }
    }

    /// Returns whether the guard has passed on what came before the command's process existed.
    #[cfg(target_os = "linux")]
    pub(crate) const fn is_let_by_guard(&self) -> bool {
        !self.waits_for_guard
    }

    /// Returns whether the command may have begun.
    #[cfg(target_os = "macos")]
    pub(crate) const fn is_open(&self) -> bool {
        self.file.is_none()
    }

    fn open(&mut self) {
        if self.waits_for_guard || self.waits_for_host.is_some() {
            return;
        }
        if let Some(file) = self.file.take() {
            sys::write(file.as_fd(), b"x");
        }
    }
}
