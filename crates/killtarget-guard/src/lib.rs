//! The program for contained launch: `killtarget-guard [option...] [--] command [argument...]` starts a command so that none of
//! its processes escapes, and none outlives its host.
//!
//! A small program without a runtime. Once it runs it takes no memory, so that nothing fails for want of it.

#![cfg(any(target_os = "linux", target_os = "macos", windows))]
#![cfg_attr(windows, allow(dead_code))] // some of what all systems share is for Unix

mod argument_error;
mod arguments;
#[cfg(unix)]
mod common;
mod isolation;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod sys;
mod text;
mod types;
#[cfg(windows)]
mod windows;

/// The code for macOS that makes no system call. Its tests run on Linux too.
#[cfg(all(test, target_os = "linux"))]
#[path = "macos"]
mod macos_tested {
    mod members;
    mod tally;
}

/// The Windows code that makes no system call. Its tests run on Linux too.
#[cfg(all(test, target_os = "linux"))]
#[allow(dead_code)]
#[path = "windows"]
mod windows_tested {
    mod command_line;
    mod inherited;
    mod search;
}

#[cfg(unix)]
use std::ffi::{c_char, c_int};

#[cfg(target_os = "linux")]
use self::linux as system;
#[cfg(target_os = "macos")]
use self::macos as system;
#[cfg(windows)]
pub use windows::start;

/// Is the guard of the command that the arguments name.
///
/// # Safety
/// The arguments must be those that the C library passes to `main`, and this process must have one thread.
#[cfg(unix)]
#[allow(unsafe_code)] // see above
pub unsafe fn start(count: c_int, arguments: *const *const c_char) -> ! {
    // SAFETY: see above.
    system::start(unsafe { sys::Arguments::new(count, arguments) })
}
