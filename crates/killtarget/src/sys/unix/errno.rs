//! Converts error numbers to errors of the core.

use nix::errno::Errno;

use crate::types::Error;

pub(crate) const EPERM: i32 = libc::EPERM;

/// Returns the symbolic name of an error number, such as `EPERM`.
pub(crate) fn errno_name(errno: i32) -> String {
    match Errno::from_raw(errno) {
        Errno::UnknownErrno => format!("E{errno}"),
        known => format!("{known:?}"),
    }
}

/// Returns the description of an error number, such as `Operation not permitted`.
pub(crate) fn errno_text(errno: i32) -> &'static str {
    Errno::from_raw(errno).desc()
}

/// Adds the name of the failed call to an error number.
pub(in crate::sys) fn of(syscall: &'static str) -> impl Fn(Errno) -> Error {
    move |errno| Error::Os { errno: errno as i32, syscall }
}

/// Adds the name of the failed call to an error of the standard library.
pub(crate) fn of_io(syscall: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::Os { errno: error.raw_os_error().unwrap_or(libc::EIO), syscall }
}

/// Makes an `ENOSYS` error: the system has no safe way to do it.
pub(crate) fn unsupported(syscall: &'static str) -> Error {
    of(syscall)(Errno::ENOSYS)
}

/// Makes an `EPERM` error: the system does not permit it.
pub(crate) fn not_permitted(syscall: &'static str) -> Error {
    of(syscall)(Errno::EPERM)
}
