//! The only module that calls the operating system. All `cfg(target_os)` and all `unsafe` are in this folder.
//!
//! A platform is a module that provides the items below. No code outside this folder knows which platform it is.
//!
//! | item | meaning |
//! |---|---|
//! | `Handle` | one process, for the lifetime of the handle: `open`, `method`, `race_free`, `signal`, `is_alive`, `is_unreaped`, `is_child`, `ppid_owner`, `parent`, `unique_id`, `exit`; its group: `signal_group`, `group_race_free`, `group_owner`, `session_owner`, `leads_others`; facts: `info`, `started`, `run_state`; as a guard: `is_guard`, `guard_options`, `is_keeper`, `has_adopted`, `kept_command`, `innermost_pid`, `request_kill`, `request_begin`, `tell_asked`, `note_guard`, `has_said_over`; for the poller: `watch`, `unwatch` |
//! | `own_pid`, `own_parent`, `adopts_orphans`: of the calling process; `read_group`, `group_of`, `read_session`, `session_of`, `has_process`, `has_few_processes`, `may_lead_session`, `may_be_in_group`, `may_be_in_session` | facts about a process by its pid, without a handle |
//! | `ProcessList` | the processes by group and by parent, and their visibility |
//! | `last_pid`; `pid_clock`, `pids_not_reused_since` | a number that changes with each new process or thread; whether a pid can have been assigned twice since a moment |
//! | `listening_pids` | the processes that listen on a port |
//! | `place`, `namespace_started`, `START_TIME_STEP` | where a pid means one process, and since when; within how many units of the start time another process may have the same one |
//! | `is_number_in_use` | whether a process, group or session has the pid of the process with a unique id |
//! | `at_exit` | registers a function to call when this process exits |
//! | `wait_for_any` | waits in the calling thread |
//! | `Moment`, `start_time_now` | a moment that processes are started before or after, and the start time of a process that starts now |
//! | `named_signals`, `real_time_signals`, `is_signal`, `can_send`, `SIGTERM`, `SIGKILL`, `SIGSTOP`, `SIGCONT` | the signals of the system |
//! | `errno_name`, `errno_text`, `EPERM`; `io_error`, `unsupported`, `not_permitted` | names of system errors; constructors of errors |
//! | `calls` | the system calls, by the names that errors give them |
//! | `capabilities` | what the running kernel supports, and the reason for what is missing |
//! | `CAN_STOP`, `GUARDS_HAVE_KEEPERS`, `ORPHANS_KEEP_PPID`, `GROUP_SIGNAL_IS_ATOMIC`, `EXIT_EVENTS_RELIABLE`, `GETSID_SEES_ZOMBIES`, `SIGKILL_PREVENTS_FORK` | facts about every process of the system |
//! | `KEEPER_STARTS_COMMAND` | whether the keeper of a guard is the parent of the command, or the guard |
//! | `guard_program`, `library` | the paths of the program for contained launch and of this library |
//! | `replace_process` | replaces this process by another program |
//! | `prepare` | reserves what may run out later |
//! | `start_reader`, `KILLED` | for tests: starts a process that exits at the end of its input; the exit status of a killed process |
//! | `public` | public names of one platform only |

#![allow(unsafe_code)] // no other module may use it; each block states why it is sound

use crate::types::Pid;

mod error;
#[cfg(any(target_os = "macos", windows))]
mod listening;
mod signal;
#[cfg(any(test, target_os = "linux", target_os = "android"))]
mod stable_list;
#[cfg(test)]
mod testing;
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

/// The macOS code that makes no system call. Its tests run on Linux too.
#[cfg(all(test, target_os = "linux"))]
#[allow(dead_code)]
#[path = "macos"]
mod macos_tested {
    mod arguments;
    mod audit_token;
    mod guard_arguments;
    mod libproc_result;
    mod parent;
    mod run_state;
}

/// The Windows code that makes no system call. Its tests run on Linux too.
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

#[cfg(test)]
pub(crate) use platform::KILLED;
pub(crate) use platform::{
    CAN_STOP, EPERM, EXIT_EVENTS_RELIABLE, GETSID_SEES_ZOMBIES, GROUP_SIGNAL_IS_ATOMIC, GUARDS_HAVE_KEEPERS,
    Handle, KEEPER_STARTS_COMMAND, ORPHANS_KEEP_PPID, ProcessList, SIGCONT, SIGKILL, SIGKILL_PREVENTS_FORK,
    SIGSTOP, SIGTERM, START_TIME_STEP, adopts_orphans, at_exit, calls, can_send, capabilities, errno_name,
    errno_text, guard_program, has_few_processes, has_process, io_error, is_number_in_use, is_signal,
    last_pid, library, listening_pids, may_be_in_group, may_be_in_session, may_lead_session, named_signals,
    namespace_started, not_permitted, own_parent, own_pid, pid_clock, pids_not_reused_since, place, prepare,
    public, read_group, read_session, real_time_signals, replace_process, start_time_now, unsupported,
    wait_for_any,
};
#[cfg(test)]
pub(crate) use stable_list::{StableList, read_stable};
#[cfg(test)]
pub(crate) use testing::start_reader;
pub(crate) use types::{GuardOptions, IdOwner, Moment, RunState, StartTime, Unreadable, Visibility};

/// Returns the process group of a process, or `None` if it cannot be read.
pub(crate) fn group_of(pid: Pid) -> Option<Pid> {
    read_group(pid).unwrap_or(None)
}

/// Returns the session of a process, or `None` if it cannot be read.
pub(crate) fn session_of(pid: Pid) -> Option<Pid> {
    read_session(pid).unwrap_or(None)
}
