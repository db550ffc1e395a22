//! `openat2(2)`, which refuses paths that cross a mount.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::{errno::Errno, fcntl::OFlag};

use super::spare_fd;

/// Tries the call on a directory. A shortage is no verdict.
///
/// # Errors
/// `EMFILE` and the like: nothing is known.
pub(super) fn has_openat2(directory: BorrowedFd<'_>) -> Result<bool, Errno> {
    match openat2(directory, ".", OFlag::O_PATH.union(OFlag::O_CLOEXEC)) {
        Ok(_) => Ok(true),
        Err(errno) if spare_fd::is_temporary(errno) => Err(errno),
        Err(_) => Ok(false),
    }
}

/// `openat2(dir, path, { flags, resolve: RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS })`
///
/// # Errors
/// `EXDEV`: the path crosses a mount. `ENOSYS`: the kernel is older than 5.6, or a seccomp profile refuses the call.
///
/// # References
/// `openat2(2)`, Linux 5.6.
pub(super) fn openat2(dir: BorrowedFd<'_>, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct OpenHow {
        flags: u64,
        mode: u64,
        resolve: u64,
    }
    const RESOLVE_NO_XDEV: u64 = 0x1;
    const RESOLVE_NO_MAGICLINKS: u64 = 0x2;
    if cfg!(target_os = "android") {
        return Err(Errno::ENOSYS); // a call that the seccomp profile of an app does not know raises SIGSYS
    }
    let flags = u64::from(flags.bits().cast_unsigned());
    let how = OpenHow { flags, mode: 0, resolve: RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS };
    let path = std::ffi::CString::new(path).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the borrowed descriptor is open. The string and the struct are valid for the call, which only reads them.
    // Integers are passed as the `long` that syscall(2) reads.
    let fd = Errno::result(unsafe {
        libc::syscall(
            libc::SYS_openat2,
            libc::c_long::from(dir.as_raw_fd()),
            path.as_ptr(),
            &raw const how,
            size_of::<OpenHow>(),
        )
    })?;
    let fd = i32::try_from(fd).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just created the descriptor, and no other code owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
