//! Calls a function when this process exits.

use std::{
    ffi::{CStr, c_int, c_void},
    mem,
    panic::catch_unwind,
    ptr,
    sync::OnceLock,
};

use super::process;
use crate::types::Pid;

/// The function to call, and the process that registered it.
static CALLBACK: OnceLock<(Pid, fn())> = OnceLock::new();

/// `atexit(callback)`
///
/// Registers a function that is called when this process exits by `exit(3)` or `quick_exit(3)`, on the thread that
/// exits. Bun exits by the latter. Only the first
/// registered function is called. A forked child does not call it, as the child lacks the other threads of this
/// process.
///
/// # References
/// `atexit(3)`, `at_quick_exit(3)`
pub(crate) fn at_exit(callback: fn()) {
    CALLBACK.get_or_init(|| {
        // SAFETY: the function takes no arguments and catches panics. It lives as long as this library. The C library
        // calls it before it unloads this library. If atexit(3) fails, nothing is registered.
        unsafe { libc::atexit(run_callback) };
        at_quick_exit();
        (process::own_pid(), callback)
    });
}

/// `at_quick_exit(run_callback)`
///
/// Looked up at run time: macOS lacks it, and glibc has it under another name in its dynamic library.
fn at_quick_exit() {
    type Register = unsafe extern "C" fn(extern "C" fn(*mut c_void), *mut c_void) -> c_int;

    extern "C" fn run(_: *mut c_void) {
        run_callback();
    }

    const NAMES: [&CStr; 2] = [c"__cxa_at_quick_exit", c"at_quick_exit"];
    for name in NAMES {
        // SAFETY: the name ends with a zero byte.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        if !found.is_null() {
            // SAFETY: `at_quick_exit` takes the function only, and C ignores a further argument. It calls it without
            // arguments, and `run` reads none. This library has threads from now on, so it is never unloaded.
            unsafe { mem::transmute::<*mut c_void, Register>(found)(run, ptr::null_mut()) };
            return;
        }
    }
}

extern "C" fn run_callback() {
    if let Some((process, callback)) = CALLBACK.get()
        && *process == process::own_pid()
    {
        let _ = catch_unwind(callback);
    }
}
