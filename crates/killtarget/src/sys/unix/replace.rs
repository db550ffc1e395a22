//! Replaces this process by another program.

use std::{
    ffi::{c_char, c_int},
    mem::MaybeUninit,
    ptr,
};

use nix::errno::Errno;

use super::errno::of;
use crate::types::Error;

/// The signals that Node, Bun and Deno ignore for themselves. A program inherits that, and would not end by them.
const IGNORED: [c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// `execve(arguments[0], arguments, environment)`
///
/// Replaces this process. The program gets the default actions of `SIGPIPE` and `SIGXFSZ`, and the descriptors. The arguments
/// and the environment are lists of texts that each end with a zero byte.
///
/// # Errors
/// Returns only if it fails. `EINVAL`: a list does not end with a zero byte, or there are no arguments.
///
/// # References
/// `execve(2)`: it ends all other threads, and keeps the pid, the signal mask, ignored signals and descriptors without
/// `FD_CLOEXEC`.
pub(crate) fn replace_process(arguments: &[u8], environment: &[u8], descriptors: &[i32]) -> Error {
    let (Some(pointers), Some(environment)) = (pointers(arguments), pointers(environment)) else {
        return of("execve")(Errno::EINVAL);
    };
    if arguments.is_empty() {
        return of("execve")(Errno::EINVAL);
    }
    let actions = IGNORED.map(|signal| {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: an action of zeroes is SIG_DFL without flags. The call copies it, and fills in the old one.
        unsafe {
            libc::sigaction(signal, &action.assume_init(), action.as_mut_ptr());
            action.assume_init()
        }
    });
    set_close_on_exec(descriptors, 0);
    // SAFETY: both arrays end with a null pointer, and point to texts that end with a zero byte.
    unsafe { libc::execve(arguments.as_ptr().cast(), pointers.as_ptr(), environment.as_ptr()) };
    let errno = Errno::last();
    set_close_on_exec(descriptors, libc::FD_CLOEXEC);
    for (signal, action) in IGNORED.into_iter().zip(&actions) {
        // SAFETY: the call copies the action, which is what it was before.
        unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    }
    of("execve")(errno)
}

/// `fcntl(descriptor, F_SETFD, flag)`
///
/// Sets whether an exec closes the descriptors. Does nothing to one that is not open.
fn set_close_on_exec(descriptors: &[i32], flag: c_int) {
    for descriptor in descriptors {
        // SAFETY: the call takes integers and accesses no memory.
        unsafe { libc::fcntl(*descriptor, libc::F_SETFD, flag) };
    }
}

/// Returns pointers to the texts of a list, and a null pointer. Returns `None` if the last text does not end.
fn pointers(list: &[u8]) -> Option<Vec<*const c_char>> {
    let texts = list.split_inclusive(|byte| *byte == 0).map(|text| text.as_ptr().cast());
    let has_end = list.last().is_none_or(|byte| *byte == 0);
    has_end.then(|| texts.chain([ptr::null()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_cannot_be_started_leaves_everything_as_it_was() {
        let action = |signal| {
            let mut action = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: the call fills in the action.
            unsafe {
                libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
                action.assume_init().sa_sigaction
            }
        };
        // Rust ignores it.
        assert_eq!(action(libc::SIGPIPE), libc::SIG_IGN);
        for (arguments, environment, errno) in [
            (&b"/nonexistent\0"[..], &b"A=b\0"[..], Errno::ENOENT),
            (b"/bin/true", b"", Errno::EINVAL),
            (b"/bin/true\0", b"A=b", Errno::EINVAL),
            (b"", b"", Errno::EINVAL),
        ] {
            assert_eq!(replace_process(arguments, environment, &[]), of("execve")(errno));
            assert_eq!(action(libc::SIGPIPE), libc::SIG_IGN);
        }
    }
}
