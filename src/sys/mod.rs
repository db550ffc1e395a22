//! The only door to the operating system: all `cfg(target_os)` and all `unsafe` stand below here.
//!
//! A platform is a module that provides what is imported below, and nothing outside this folder knows which one
//! it is:
//!
//! | name | what it is |
//! |---|---|
//! | `Handle` | one process for as long as the handle lives: `open`, `method`, `race_free`, `signal`, `signal_group`, `is_alive`, `is_child`, `parent`, `identity`, `watch`, `unwatch`, `exit` |
//! | `own_pid`, `own_parent`, `group_of` | the little that is asked of processes without a handle |
//! | `named_signals`, `real_time_signals`, `is_signal`, `SIGTERM`, `SIGKILL` | the signals that there are |
//! | `errno_name`, `errno_text`, `io_error` | the names of errors |
//! | `capabilities` | what the running kernel can do, and why not |
//! | `prepare` | what must be taken while there is plenty |
//! | `public` | names that Rust users get on this platform only |

#![allow(unsafe_code)] // the one place that may; every block says why it is sound

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{
    Handle, SIGKILL, SIGTERM, capabilities, errno_name, errno_text, group_of, io_error, is_signal,
    named_signals, own_parent, own_pid, prepare, real_time_signals,
};

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::public;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
compile_error!("killtarget has no module for this operating system yet");
