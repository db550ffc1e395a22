//! The arguments of this program, and its replacement by another one.

use std::{
    ffi::{CStr, c_char, c_int},
    marker::PhantomData,
    slice,
};

use super::{error::Errno, memory::zeroed};
use crate::text::Text;

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

    /// Writes over the first argument, as others read it: no other call names a process here. A text that does not fit is left
    /// out. (xnu, `sysctl_procargsx` reads the memory of the process)
    #[cfg(target_os = "macos")]
    pub(crate) fn rename(self, text: &[u8]) {
        let Some(length) =
            self.first().map(|first| first.to_bytes().len()).filter(|room| text.len() <= *room)
        else {
            return;
        };
        // SAFETY: see `new`: the first pointer is that of the string whose length this is. The kernel has passed it in memory of
        // this program, which is writable, and nothing refers to the string.
        let place = unsafe { slice::from_raw_parts_mut((*self.first).cast_mut().cast::<u8>(), length) };
        let rest = std::iter::repeat(&b' ');
        for (to, from) in place.iter_mut().zip(text.iter().chain(rest)) {
            *to = *from;
        }
    }

    pub(crate) fn first(self) -> Option<&'a CStr> {
        self.iter().next()
    }
}

/// As execvp(3) has it: a file without `#!` is a script of the shell.
const SHELL: &CStr = c"/bin/sh";

/// Where a program is looked for if there is no `PATH`, as in glibc.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

const MAX_PATH: usize = libc::PATH_MAX as usize;

/// Replaces this program. Looks for a name without a slash in `PATH`. Returns only if that fails.
///
/// # References
/// execvp(3). That of musl starts no scripts without `#!`, and that of glibc allocates.
pub(crate) fn execute(arguments: Arguments, argv0: Option<&CStr>) -> Errno {
    let Some(file) = arguments.first() else { return Errno::ENOENT };
    if let Some(argv0) = argv0 {
        // SAFETY: the kernel has passed the array in memory of this program, which is writable.
        unsafe { *arguments.first.cast_mut() = argv0.as_ptr() };
    }
    let name = file.to_bytes();
    if name.contains(&b'/') {
        return execute_at(file, arguments);
    }
    // SAFETY: no other thread changes the environment.
    let path = unsafe { libc::getenv(c"PATH".as_ptr()) };
    // SAFETY: the string ends with NUL.
    let path = if path.is_null() { DEFAULT_PATH } else { unsafe { CStr::from_ptr(path) }.to_bytes() };
    let mut result = Errno::ENOENT;
    for folder in path.split(|byte| *byte == b':').filter(|_| !name.is_empty()) {
        let separator: &[u8] = if folder.is_empty() { b"./" } else { b"/" };
        // A path that was cut would be another one.
        if folder.len() + separator.len() + name.len() >= MAX_PATH {
            result = Errno(libc::ENAMETOOLONG);
            continue;
        }
        let path = Text::<MAX_PATH>::new().add(folder).add(separator).add(name);
        match execute_at(path.as_c_str(), arguments) {
            Errno::ENOENT | Errno(libc::ENOTDIR | libc::ESTALE | libc::ENODEV | libc::ETIMEDOUT) => {}
            // Another folder may have one that may be executed.
            Errno(libc::EACCES) => result = Errno(libc::EACCES),
            error => return error,
        }
    }
    result
}

/// Replaces this program by the one at a path. Returns only if that fails.
fn execute_at(path: &CStr, arguments: Arguments) -> Errno {
    // SAFETY: a null pointer ends the array.
    unsafe { libc::execv(path.as_ptr(), arguments.first) };
    let error = Errno::last();
    if error != Errno(libc::ENOEXEC) {
        return error;
    }
    let Ok(script) = zeroed::<*const c_char>(arguments.count + 2) else { return error };
    let rest = arguments.skip(1).iter().map(CStr::as_ptr);
    for (to, from) in script.iter_mut().zip([SHELL.as_ptr(), path.as_ptr()].into_iter().chain(rest)) {
        *to = from;
    }
    // SAFETY: a null pointer ends the array, which has one more place than there are arguments.
    unsafe { libc::execv(SHELL.as_ptr(), script.as_ptr()) };
    error
}
