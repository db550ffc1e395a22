//! Signals to the process of a handle.

use std::{os::fd::BorrowedFd, sync::atomic::Ordering};

use nix::errno::Errno;

use super::{
    handle::Handle,
    pidfd::{self, SignalScope},
};
use crate::{
    sys::unix::{errno, process},
    types::{Delivery, Error, Pid, Signal},
};

impl Handle {
    /// Signals the process. A zombie accepts the signal too.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM` if the signal is not permitted. [`Error::IdentityUnavailable`]: `/proc` cannot be used.
    pub(crate) fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        let signal = signal.as_raw();
        let by_fd = |fd: BorrowedFd<'_>| pidfd::send(fd, signal, SignalScope::Process);
        self.deliver(by_fd, ("kill", |pid| process::kill(pid, signal)))
    }

    /// Sends a signal, through the descriptor or by the pid of the process, which is verified before. The call by pid has its
    /// name with it.
    pub(super) fn deliver(
        &self,
        by_fd: impl Fn(BorrowedFd<'_>) -> Result<(), Errno>,
        (call, by_pid): (&'static str, impl Fn(Pid) -> Result<(), Errno>),
    ) -> Result<Delivery, Error> {
        let (sent, syscall) = match self.signal_fd() {
            Some(fd) => (by_fd(fd), "pidfd_send_signal"),
            None if self.is_unreaped()? => (by_pid(self.pid), call),
            None => return Ok(Delivery::Gone),
        };
        match sent {
            Ok(()) => Ok(Delivery::Delivered),
            Err(Errno::ESRCH) => {
                self.is_reaped.store(true, Ordering::Relaxed);
                Ok(Delivery::Gone)
            }
            Err(errno) => Err(errno::of(syscall)(errno)),
        }
    }
}
