//! Whether the command could be started.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::{
    common::{command::FAILED, report::report},
    sys::{self, Arguments, Errno},
};

/// Open until it is known.
pub(crate) struct Start {
    /// The command's process writes why it could not become the command. Otherwise exec closes the other end.
    failure: Option<OwnedFd>,
    /// Standard error, to tell it.
    stderr: Option<BorrowedFd<'static>>,
}

impl Start {
    pub(crate) const fn new(failure: OwnedFd, stderr: Option<BorrowedFd<'static>>) -> Self {
        Self { failure: Some(failure), stderr }
    }

    pub(crate) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.failure.as_ref().map(AsFd::as_fd)
    }

    pub(crate) const fn stderr(&self) -> Option<BorrowedFd<'static>> {
        self.stderr
    }

    /// Exits, as the guard itself has failed.
    pub(crate) fn fail(&self, subject: &[u8], text: &str) -> ! {
        if let Some(stderr) = self.stderr {
            report(stderr, subject, text);
        }
        sys::exit(FAILED)
    }

    /// Reports a failure. `command`: the arguments, from the command on.
    pub(crate) fn read(&mut self, command: Arguments) {
        let Some(failure) = self.failure.take() else { return };
        let mut error = [0; 4];
        if sys::read(failure.as_fd(), &mut error) == error.len() {
            let text = Errno::from_raw(i32::from_ne_bytes(error)).text();
            if let (Some(stderr), Some(command)) = (self.stderr, command.first()) {
                report(stderr, command.to_bytes(), text);
            }
        }
        if let Some(stderr) = self.stderr.take() {
            sys::close(stderr);
        }
    }
}
