//! A signal with a value.

use std::{
    mem::size_of,
    os::fd::{AsRawFd, BorrowedFd},
};

use nix::{errno::Errno, unistd::getuid};

use crate::{sys::unix::process, types::Pid};

/// The `siginfo_t` of a queued signal, as 64-bit kernels lay it out.
#[repr(C)]
struct Information {
    signal: i32,
    errno: i32,
    code: i32,
    padding: i32,
    sender: i32,
    user: u32,
    value: i32,
    rest: [i32; 25],
}

const _: () = assert!(size_of::<Information>() == size_of::<libc::siginfo_t>());

impl Information {
    fn new(signal: i32, value: i32) -> Self {
        Self {
            signal,
            errno: 0,
            code: libc::SI_QUEUE,
            padding: 0,
            sender: process::own_pid().as_raw(),
            user: getuid().as_raw(),
            value,
            rest: [0; 25],
        }
    }
}

/// `pidfd_send_signal(pidfd, signal, information, 0)`
///
/// # Errors
/// As without a value. `EAGAIN`: too many signals are queued for the user of the process.
///
/// # References
/// `pidfd_send_signal(2)`, Linux 5.1
pub(super) fn send(process: BorrowedFd<'_>, signal: i32, value: i32) -> Result<(), Errno> {
    call(libc::SYS_pidfd_send_signal, process.as_raw_fd(), signal, value)
}

/// `rt_sigqueueinfo(pid, signal, information)`
///
/// The caller must verify the process directly before.
///
/// # Errors
/// As for [`send`].
///
/// # References
/// `rt_sigqueueinfo(2)`
pub(super) fn send_by_pid(pid: Pid, signal: i32, value: i32) -> Result<(), Errno> {
    call(libc::SYS_rt_sigqueueinfo, pid.as_raw(), signal, value)
}

/// Makes one of the two calls. The last argument is the flags, which `rt_sigqueueinfo` has none of and does not read.
fn call(number: libc::c_long, process: i32, signal: i32, value: i32) -> Result<(), Errno> {
    let information = Information::new(signal, value);
    let (process, signal) = (libc::c_long::from(process), libc::c_long::from(signal));
    // SAFETY: each number is passed as the `long` that syscall(2) reads. The kernel reads one `siginfo_t`, which the value has
    // the size of. `process` is an open descriptor, which the caller has borrowed, or a pid.
    Errno::result(unsafe {
        libc::syscall(number, process, signal, &raw const information, 0 as libc::c_long)
    })
    .map(drop)
}
