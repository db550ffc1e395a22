//! The arguments of this program, and its replacement by another one.

use std::{
    ffi::{CStr, c_char, c_int},
    marker::PhantomData,
    ptr, slice,
};

use super::error::Errno;

/// The arguments that the kernel has passed.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a> {
    first: *const *const c_char,
    count: usize,
    life: PhantomData<&'a CStr>,
}

impl<'a> Arguments<'a> {
    /// # Safety
    /// `first` must point to `count` strings that end with NUL, and to a null pointer after them, for the lifetime.
    pub(crate) unsafe fn new(count: c_int, first: *const *const c_char) -> Self {
        Self { first, count: usize::try_from(count).unwrap_or(0), life: PhantomData }
    }

    /// Leaves out the first arguments.
    pub(crate) fn skip(self, count: usize) -> Self {
        let count = count.min(self.count);
        // SAFETY: it does not go past the null pointer.
        Self { first: unsafe { self.first.add(count) }, count: self.count - count, life: PhantomData }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'a CStr> {
        // SAFETY: see `new`.
        let pointers = unsafe { slice::from_raw_parts(self.first, self.count) };
        // SAFETY: see `new`.
        pointers.iter().map(|pointer| unsafe { CStr::from_ptr(*pointer) })
    }

    pub(crate) fn first(self) -> Option<&'a CStr> {
        self.iter().next()
    }
}

/// As the execvp of glibc, and POSIX, has it: such a file is a script of the shell.
const SHELL: &CStr = c"/bin/sh";

/// The room for the arguments of a script without `#!`.
const MAX_SCRIPT_ARGUMENTS: usize = 1024;

/// Replaces this program. Looks for a name without a slash in `PATH`. Returns only if that fails.
///
/// # References
/// execvp(3)
pub(crate) fn execute(arguments: Arguments, argv0: Option<&CStr>) -> Errno {
    let Some(file) = arguments.first() else { return Errno::ENOENT };
    if let Some(argv0) = argv0 {
        // SAFETY: the kernel has passed the array in memory of this program, which is writable.
        unsafe { *arguments.first.cast_mut() = argv0.as_ptr() };
    }
    // SAFETY: a null pointer ends the array.
    unsafe { libc::execvp(file.as_ptr(), arguments.first) };
    let error = Errno::last();
    if error == Errno(libc::ENOEXEC) && arguments.count < MAX_SCRIPT_ARGUMENTS {
        let mut script = [ptr::null(); MAX_SCRIPT_ARGUMENTS + 2];
        let rest = arguments.skip(1).iter().map(CStr::as_ptr);
        for (to, from) in script.iter_mut().zip([SHELL.as_ptr(), file.as_ptr()].into_iter().chain(rest)) {
            *to = from;
        }
        // SAFETY: as above. musl's execvp does not start scripts by the shell.
        unsafe { libc::execv(SHELL.as_ptr(), script.as_ptr()) };
    }
    error
}
