//! The program for contained launch: `killtarget-guard [option...] [--] command [argument...]` starts a command so that none of
//! its processes escapes, and none outlives its host.
//!
//! A small program without a runtime. Once it runs it takes no memory, so that nothing fails for want of it.

#![cfg(any(target_os = "linux", windows))]
#![cfg_attr(windows, allow(dead_code))] // some of what all systems share is for Linux

mod arguments;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod sys;
mod text;
mod types;
#[cfg(windows)]
mod windows;

/// The Windows code that makes no system call. Its tests run on Linux too.
#[cfg(all(test, target_os = "linux"))]
#[allow(dead_code)]
#[path = "windows"]
mod windows_tested {
    mod command_line;
    mod inherited;
    mod search;
}

#[cfg(target_os = "linux")]
use std::ffi::{c_char, c_int};

#[cfg(windows)]
pub use windows::start;

/// Is the guard of the command that the arguments name.
///
/// # Safety
/// The arguments must be those that the C library passes to `main`, and this process must have one thread.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)] // see above
pub unsafe fn start(count: c_int, arguments: *const *const c_char) -> ! {
    // SAFETY: see above.
    linux::start(unsafe { sys::Arguments::new(count, arguments) })
}
