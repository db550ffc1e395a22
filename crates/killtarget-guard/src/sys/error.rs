//! Errors of system calls.

use std::os::fd::{FromRawFd, OwnedFd};

/// The number of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errno(pub(super) i32);

impl Errno {
    pub(crate) const ESRCH: Self = Self(libc::ESRCH);
    #[cfg(target_os = "linux")]
    pub(crate) const EPERM: Self = Self(libc::EPERM);
    pub(crate) const ENOENT: Self = Self(libc::ENOENT);

    pub(crate) const fn from_raw(raw: i32) -> Self {
        Self(raw)
    }

    pub(crate) const fn raw(self) -> i32 {
        self.0
    }

    /// The error of the call that has just failed.
    pub(super) fn last() -> Self {
        Self(nix::errno::Errno::last_raw())
    }

    /// What the error means.
    pub(crate) fn text(self) -> &'static str {
        nix::errno::Errno::from_raw(self.0).desc()
    }
}

impl From<nix::errno::Errno> for Errno {
    fn from(error: nix::errno::Errno) -> Self {
        Self(error as i32)
    }
}

/// Takes the descriptor that a system call has made.
///
/// # Safety
/// The result must be that of a call that makes a descriptor.
pub(super) unsafe fn owned(result: libc::c_long) -> Result<OwnedFd, Errno> {
    // SAFETY: the descriptor is new.
    check(result).map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Turns the result of a system call into the number that it returned, or its error.
pub(super) fn check(result: libc::c_long) -> Result<i32, Errno> {
    if result < 0 { Err(Errno::last()) } else { Ok(i32::try_from(result).unwrap_or(i32::MAX)) }
}
