//! Calls a function when this process exits.

use std::{panic::catch_unwind, sync::OnceLock};

use super::process;
use crate::types::Pid;

/// The function to call, and the process that registered it.
static CALLBACK: OnceLock<(Pid, fn())> = OnceLock::new();

/// `atexit(callback)`
///
/// Registers a function that is called when this process exits by `exit(3)`, on the thread that exits. Only the first
/// registered function is called. A forked child does not call it, as the child lacks the other threads of this
/// process.
///
/// # References
/// `atexit(3)`
pub(crate) fn at_exit(callback: fn()) {
    CALLBACK.get_or_init(|| {
        // SAFETY: the function takes no arguments and catches panics. It lives as long as this library. The C library
        // calls it before it unloads this library. If atexit(3) fails, nothing is registered.
        unsafe { libc::atexit(run_callback) };
        (process::own_pid(), callback)
    });
}

extern "C" fn run_callback() {
    if let Some((process, callback)) = CALLBACK.get()
        && *process == process::own_pid()
    {
        let _ = catch_unwind(callback);
    }
}
