//! The only door to the operating system: all `cfg(target_os)` and all `unsafe` stand below here.
//!
//! A platform is a module that provides what is imported below, and nothing outside this folder knows which one
//! it is:
//!
//! | name | what it is |
//! |---|---|
//! | `Handle` | one process for as long as the handle lives: `open`, `method`, `race_free`, `signal`, `is_alive`, `is_unreaped`, `is_child`, `ppid_owner`, `parent`, `identity`, `exit`; its group: `signal_group`, `group_race_free`, `group_owner`, `session_owner`; facts: `info`, `started`, `run_state`; for the poller: `watch`, `unwatch` |
//! | `own_pid`, `own_parent`, `group_of`, `session_of`, `may_lead_session` | the little that is asked of processes without a handle |
//! | `ProcessList` | the processes, by group and by parent, and how many of them can be seen |
//! | `last_pid` | what changes whenever a process or a thread is made |
//! | `at_exit` | has a function called at the end of this process |
//! | `wait_for_any` | waiting in the calling thread |
//! | `StartTime`, `start_time_now` | start times, and now |
//! | `named_signals`, `real_time_signals`, `is_signal`, `can_send`, `SIGTERM`, `SIGKILL`, `SIGSTOP`, `SIGCONT` | the signals that there are |
//! | `errno_name`, `errno_text`, `EPERM`; `io_error`, `unsupported`, `not_permitted` | the names of errors; errors to make |
//! | `calls` | what is called, as errors name it |
//! | `capabilities` | what the running kernel can do, and why not |
//! | `CAN_STOP`, `ORPHANS_KEEP_PPID`, `GROUP_SIGNAL_IS_ATOMIC`, `EXIT_EVENTS_RELIABLE`, `GETSID_SEES_ZOMBIES` | what is true of all processes here |
//! | `prepare` | what must be taken while there is plenty |
//! | `READER`, `KILLED` | for tests: a program that ends with its input, and what is told of the end of one that was killed |
//! | `public` | names that Rust users get on this platform only |

#![allow(unsafe_code)] // the one place that may; every block says why it is sound

mod error;
mod signal;
mod types;

#[cfg(unix)]
mod unix;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(any(target_os = "linux", target_os = "android"))]
use linux as platform;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;

/// What of it needs no macOS is tested here, too.
#[cfg(all(test, target_os = "linux"))]
#[allow(dead_code)]
#[path = "macos"]
mod macos_tested {
    mod audit_token;
    mod libproc_result;
    mod parent;
    mod run_state;
}

/// As for macOS.
#[cfg(all(test, target_os = "linux"))]
#[allow(dead_code)]
#[path = "windows"]
mod windows_tested {
    mod parent;
    mod snapshot;
}

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", windows)))]
compile_error!("killtarget has no module for this operating system yet");

pub(crate) use platform::{
    CAN_STOP, EPERM, EXIT_EVENTS_RELIABLE, GETSID_SEES_ZOMBIES, GROUP_SIGNAL_IS_ATOMIC, Handle,
    ORPHANS_KEEP_PPID, ProcessList, SIGCONT, SIGKILL, SIGSTOP, SIGTERM, at_exit, calls, can_send,
    capabilities, errno_name, errno_text, group_of, io_error, is_signal, last_pid, may_lead_session,
    named_signals, not_permitted, own_parent, own_pid, prepare, public, real_time_signals, session_of,
    start_time_now, unsupported, wait_for_any,
};
#[cfg(test)]
pub(crate) use platform::{KILLED, READER};
pub(crate) use types::{IdOwner, RunState, StartTime, Visibility};
