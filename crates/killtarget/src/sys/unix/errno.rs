//! From the kernel's error numbers to the core's errors.

use nix::errno::Errno;

use crate::types::Error;

pub(crate) const EPERM: i32 = libc::EPERM;

/// The symbolic name of an error number: `EPERM`.
pub(crate) fn errno_name(errno: i32) -> String {
    match Errno::from_raw(errno) {
        Errno::UnknownErrno => format!("E{errno}"),
        known => format!("{known:?}"),
    }
}

/// What an error number means: `Operation not permitted`.
pub(crate) fn errno_text(errno: i32) -> &'static str {
    Errno::from_raw(errno).desc()
}

/// Names the call that an error came from.
pub(in crate::sys) fn of(syscall: &'static str) -> impl Fn(Errno) -> Error {
    move |errno| Error::Os { errno: errno as i32, syscall }
}

/// The same for errors that came by way of the standard library.
pub(crate) fn of_io(syscall: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::Os { errno: error.raw_os_error().unwrap_or(libc::EIO), syscall }
}

/// There is no safe way to do it here.
pub(crate) fn unsupported(syscall: &'static str) -> Error {
    of(syscall)(Errno::ENOSYS)
}

/// The system does not permit it.
pub(crate) fn not_permitted(syscall: &'static str) -> Error {
    of(syscall)(Errno::EPERM)
}
