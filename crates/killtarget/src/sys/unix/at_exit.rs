//! The end of this process.

use std::{panic::catch_unwind, sync::OnceLock};

use super::process;
use crate::types::Pid;

/// What is to be called, and in which process.
static CALLED: OnceLock<(Pid, fn())> = OnceLock::new();

/// `atexit(act)`: has the function called when this process ends by `exit(3)`, on the thread that does that. Once; what is
/// passed later is not called. Not in a child that was forked and goes on without the threads of this process.
///
/// # References
/// `atexit(3)`
pub(crate) fn at_exit(act: fn()) {
    CALLED.get_or_init(|| {
        // SAFETY: the function takes nothing, unwinds into nobody, and lives as long as this library, at whose end it is
        // called at the latest. That there is no room for it leaves things as they were.
        unsafe { libc::atexit(call_it) };
        (process::own_pid(), act)
    });
}

extern "C" fn call_it() {
    if let Some((process, act)) = CALLED.get()
        && *process == process::own_pid()
    {
        let _ = catch_unwind(act);
    }
}
