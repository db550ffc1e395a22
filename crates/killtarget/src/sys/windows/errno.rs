//! Error names and numbers, as Node has them on Windows: those of libuv.

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_COMMITMENT_LIMIT, ERROR_INVALID_PARAMETER, ERROR_NO_SYSTEM_RESOURCES,
    ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_SUPPORTED, ERROR_OUTOFMEMORY, ERROR_TOO_MANY_OPEN_FILES, GetLastError,
    WIN32_ERROR,
};

use crate::types::Error;

/// `uv/errno.h`. Node shows these numbers negative, as `errno`.
pub(crate) const EPERM: i32 = 4048;
const EAGAIN: i32 = 4088;
const EINVAL: i32 = 4071;
const EMFILE: i32 = 4066;
const ENOMEM: i32 = 4057;
const ENOSYS: i32 = 4054;
const UNKNOWN: i32 = 4094;

/// The number, name and message of each error, as in libuv.
const KNOWN: [(i32, &str, &str); 7] = [
    (EPERM, "EPERM", "operation not permitted"),
    (EAGAIN, "EAGAIN", "resource temporarily unavailable"),
    (EINVAL, "EINVAL", "invalid argument"),
    (EMFILE, "EMFILE", "too many open files"),
    (ENOMEM, "ENOMEM", "not enough memory"),
    (ENOSYS, "ENOSYS", "function not implemented"),
    (UNKNOWN, "UNKNOWN", "unknown error"),
];

/// Returns the symbolic name of an error number: `EPERM`.
pub(crate) fn errno_name(errno: i32) -> String {
    known(errno).map_or_else(|| format!("E{errno}"), |(_, name, _)| name.to_owned())
}

/// Returns the message of an error number: `operation not permitted`.
pub(crate) fn errno_text(errno: i32) -> &'static str {
    known(errno).map_or("unknown error", |(_, _, text)| text)
}

fn known(errno: i32) -> Option<(i32, &'static str, &'static str)> {
    KNOWN.into_iter().find(|(known, _, _)| *known == errno)
}

/// `GetLastError()`
///
/// Returns the error of this thread's last call.
pub(super) fn last() -> WIN32_ERROR {
    // SAFETY: the call has no precondition.
    unsafe { GetLastError() }
}

/// Converts a Windows error, and names the call that failed.
pub(super) fn of(syscall: &'static str) -> impl Fn(WIN32_ERROR) -> Error {
    move |error| Error::Os { errno: from_windows(error), syscall }
}

/// Converts an error of the standard library, and names the call that failed.
pub(crate) fn io_error(syscall: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| {
        let code = error.raw_os_error().map_or(0, i32::cast_unsigned);
        Error::Os { errno: from_windows(code), syscall }
    }
}

/// Returns `ENOSYS`: Windows cannot do it.
pub(crate) fn unsupported(syscall: &'static str) -> Error {
    Error::Os { errno: ENOSYS, syscall }
}

/// Returns `EPERM`: Windows does not permit it.
pub(crate) fn not_permitted(syscall: &'static str) -> Error {
    Error::Os { errno: EPERM, syscall }
}

fn from_windows(error: WIN32_ERROR) -> i32 {
    match error {
        ERROR_ACCESS_DENIED => EPERM,
        ERROR_INVALID_PARAMETER => EINVAL,
        ERROR_NOT_ENOUGH_MEMORY | ERROR_OUTOFMEMORY | ERROR_COMMITMENT_LIMIT => ENOMEM,
        ERROR_NO_SYSTEM_RESOURCES => EAGAIN,
        ERROR_TOO_MANY_OPEN_FILES => EMFILE,
        ERROR_NOT_SUPPORTED => ENOSYS,
        _ => UNKNOWN,
    }
}
