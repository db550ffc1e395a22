//! Where the command's process waits before it becomes the command.

use std::os::fd::{AsFd, OwnedFd};

use crate::sys;

/// It opens once the guard has passed on earlier signals, and the host knows the keeper if it wants to.
pub(crate) struct Gate {
    file: Option<OwnedFd>,
    waits_for_guard: bool,
    waits_for_host: bool,
}

impl Gate {
    pub(crate) const fn new(file: OwnedFd, waits_for_host: bool) -> Self {
        Self { file: Some(file), waits_for_guard: true, waits_for_host }
    }

    pub(crate) fn let_by_guard(&mut self) {
        self.waits_for_guard = false;
        self.open();
    }

    pub(crate) fn let_by_host(&mut self) {
        self.waits_for_host = false;
        self.open();
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
        if self.waits_for_guard || self.waits_for_host {
            return;
        }
        if let Some(file) = self.file.take() {
            sys::write(file.as_fd(), b"x");
        }
    }
}
