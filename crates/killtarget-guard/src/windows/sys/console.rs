//! The console, and standard error.

use std::ptr;

use windows_sys::Win32::{
    Storage::FileSystem::WriteFile,
    System::{
        Console::{
            CTRL_BREAK_EVENT, CTRL_C_EVENT, GetConsoleCP, GetStdHandle, STD_ERROR_HANDLE,
            SetConsoleCtrlHandler,
        },
        Threading::{INFINITE, Sleep},
    },
};

/// Leaves what the console tells to the command, which gets the same events.
///
/// A handler is not inherited. To ignore Ctrl-C by `SetConsoleCtrlHandler(NULL, TRUE)` would be.
pub(in crate::windows) fn ignore_console_events() {
    // SAFETY: the function is one for this purpose.
    unsafe { SetConsoleCtrlHandler(Some(leave), 1) };
}

/// Runs in a thread of its own. The console ends its processes once their handlers have returned from an event that it is
/// closed, or some seconds later. The guard takes these seconds: the command may need them.
unsafe extern "system" fn leave(event: u32) -> i32 {
    if event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT {
        // SAFETY: the call has no precondition.
        unsafe { Sleep(INFINITE) };
    }
    1
}

/// Returns whether this process has a console. Without one, the command would be given a new one.
pub(in crate::windows) fn has_console() -> bool {
    // SAFETY: the call has no precondition. It fails without a console.
    unsafe { GetConsoleCP() != 0 }
}

pub(in crate::windows) fn write_error(text: &[u8]) {
    let length = u32::try_from(text.len()).unwrap_or(0);
    let mut written = 0;
    // SAFETY: `text` has `length` readable bytes, and `written` is a writable u32. The call refuses a handle that is none.
    unsafe {
        WriteFile(GetStdHandle(STD_ERROR_HANDLE), text.as_ptr(), length, &raw mut written, ptr::null_mut())
    };
}
