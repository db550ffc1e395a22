//! The program for contained launch: `killtarget-guard [option...] [--] command [argument...]` starts a command so that none of
//! its processes escapes, and none outlives its host.
//!
//! A small program without a runtime. Once it runs it takes no memory, so that nothing fails for want of it.

#![cfg(any(target_os = "linux", target_os = "macos"))]

mod arguments;
mod common;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod sys;
mod text;
mod types;

/// The code for macOS that makes no system call. Its tests run on Linux too.
#[cfg(all(test, target_os = "linux"))]
#[path = "macos"]
mod macos_tested {
    mod members;
    mod tally;
}

use std::ffi::{c_char, c_int};

#[cfg(target_os = "linux")]
use self::linux as system;
#[cfg(target_os = "macos")]
use self::macos as system;

/// Is the guard of the command that the arguments name.
///
/// # Safety
/// The arguments must be those that the C library passes to `main`, and this process must have one thread.
#[allow(unsafe_code)] // see above
pub unsafe fn start(count: c_int, arguments: *const *const c_char) -> ! {
    // SAFETY: see above.
    system::start(unsafe { sys::Arguments::new(count, arguments) })
}
