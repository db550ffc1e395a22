//! The program for contained launch: `killtarget-guard [option...] [--] command [argument...]` starts a command so that none of
//! its processes escapes, and none outlives its host.
//!
//! A small program without a runtime. Once it runs it takes no memory, so that nothing fails for want of it.

#![cfg(target_os = "linux")]

mod arguments;
mod common;
mod linux;
mod sys;
mod text;
mod types;

use std::ffi::{c_char, c_int};

/// Is the guard of the command that the arguments name.
///
/// # Safety
/// The arguments must be those that the C library passes to `main`, and this process must have one thread.
#[allow(unsafe_code)] // see above
pub unsafe fn start(count: c_int, arguments: *const *const c_char) -> ! {
    // SAFETY: see above.
    linux::start(unsafe { sys::Arguments::new(count, arguments) })
}
