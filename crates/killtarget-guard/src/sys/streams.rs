//! Descriptors, as every Unix has them.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use super::error::{Errno, owned};

const STDIN: RawFd = 0;
const STDERR: RawFd = 2;

/// Reads what a pipe has, up to the length of the buffer. Returns the length.
pub(crate) fn read(file: BorrowedFd, buffer: &mut [u8]) -> usize {
    loop {
        match nix::unistd::read(file, buffer) {
            Ok(count) => return count,
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return 0,
        }
    }
}

pub(crate) fn write(file: BorrowedFd, text: &[u8]) -> bool {
    nix::unistd::write(file, text) == Ok(text.len())
}

/// Returns standard error, if it is open. Asked later, the number may be that of another file.
pub(crate) fn stderr() -> Option<BorrowedFd<'static>> {
    // SAFETY: nothing closes it but `close_all_but`, which leaves it open if it is passed.
    is_open(STDERR).then(|| unsafe { BorrowedFd::borrow_raw(STDERR) })
}

/// Returns standard input. It must be open.
pub(crate) fn stdin() -> BorrowedFd<'static> {
    // SAFETY: as above.
    unsafe { BorrowedFd::borrow_raw(STDIN) }
}

/// Returns whether a file has no content.
pub(crate) fn is_empty(file: BorrowedFd) -> bool {
    nix::sys::stat::fstat(file).is_ok_and(|found| found.st_size == 0)
}

/// Returns whether a descriptor is open.
pub(crate) fn is_open(descriptor: RawFd) -> bool {
    // SAFETY: the call only reads flags.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
}

/// Returns a new descriptor for standard input, or `None` if that is closed.
pub(crate) fn duplicate_stdin() -> Result<Option<OwnedFd>, Errno> {
    // SAFETY: the call makes a descriptor.
    match unsafe { owned(libc::fcntl(libc::STDIN_FILENO, libc::F_DUPFD_CLOEXEC, 3).into()) } {
        Err(Errno(libc::EBADF)) => Ok(None),
        duplicate => duplicate.map(Some),
    }
}

/// Closes a descriptor that something else owns, and does not use any more.
pub(crate) fn close(file: BorrowedFd) {
    // SAFETY: see above.
    unsafe { libc::close(file.as_raw_fd()) };
}

/// Opens `/dev/null` for each standard stream that is closed.
pub(crate) fn null_stdio() {
    // SAFETY: the path ends with NUL. The lowest free descriptor is taken.
    while let 0..=1 = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } {}
}
