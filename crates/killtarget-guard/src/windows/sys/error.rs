//! Errors of Windows.

use std::os::windows::io::{FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_INVALID_PARAMETER, ERROR_PATH_NOT_FOUND, GetLastError, HANDLE,
};

/// The number of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::windows) struct Code(pub(in crate::windows) u32);

impl Code {
    /// The error of the call that has just failed in this thread.
    pub(super) fn last() -> Self {
        // SAFETY: the call has no precondition.
        Self(unsafe { GetLastError() })
    }

    /// Returns whether there is no such file.
    pub(in crate::windows) const fn is_not_found(self) -> bool {
        matches!(self.0, ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND)
    }

    /// Returns whether no process has the pid, as `OpenProcess` tells it.
    pub(in crate::windows) const fn is_no_process(self) -> bool {
        self.0 == ERROR_INVALID_PARAMETER
    }
}

/// Turns the result of a call into its error.
pub(super) fn check(result: i32) -> Result<(), Code> {
    if result == 0 { Err(Code::last()) } else { Ok(()) }
}

/// Takes the handle that a call has made.
///
/// # Safety
/// The handle must be null, or new.
pub(super) unsafe fn owned(handle: HANDLE) -> Result<OwnedHandle, Code> {
    if handle.is_null() {
        return Err(Code::last());
    }
    // SAFETY: see above.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
