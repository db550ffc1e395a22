//! macOS: unique ids and audit tokens.
//!
//! Every process has a unique id, which no other process ever gets, and a version, which exec changes. An audit token
//! holds the version: a signal by audit token is race-free. (xnu, `bsd/kern/proc_info.c`)

mod arguments;
mod audit_token;
mod capabilities;
mod clock;
mod exit_status;
mod group;
mod guard;
mod guard_arguments;
mod handle;
mod libproc;
mod libproc_result;
mod parent;
mod place;
mod process_list;
mod run_state;
mod sysctl;
mod wait;
mod watch;

pub(crate) use super::unix::process::read_session;
pub(crate) use crate::sys::listening::listening_pids;
pub(crate) use crate::sys::unix::shared::*;
pub(crate) use capabilities::capabilities;
pub(crate) use clock::start_time_now;
pub(crate) use handle::Handle;
pub(crate) use place::{namespace_started, place};
pub(crate) use process_list::{ProcessList, has_process, may_lead_session, read_group};
pub(crate) use wait::wait_for_any;

use crate::types::{Pid, PidClock};

/// Start times are in microseconds.
pub(crate) const START_TIME_STEP: u64 = 1;

/// SIGSTOP stops a process, SIGCONT continues it.
pub(crate) const CAN_STOP: bool = true;

/// Guard and keeper.
pub(crate) const GUARDS_HAVE_KEEPERS: bool = true;

/// The kernel reparents orphans to launchd.
pub(crate) const ORPHANS_KEEP_PPID: bool = false;

/// SIGKILL is not known to abort a `fork(2)` in progress.
pub(crate) const SIGKILL_PREVENTS_FORK: bool = false;

/// The kernel signals the members one by one and skips a child that is being forked. (xnu, `pgrp_iterate`; `P_REF_NEW`)
pub(crate) const GROUP_SIGNAL_IS_ATOMIC: bool = false;

/// If its parent has exited, a traced process sends no exit event. (xnu, `filt_procevent`, `reap_child_locked`)
pub(crate) const EXIT_EVENTS_RELIABLE: bool = false;

/// `getsid(2)` does not find a zombie. (xnu, `proc_find`)
pub(crate) const GETSID_SEES_ZOMBIES: bool = false;

/// The guard starts its command, not the keeper.
pub(crate) const KEEPER_STARTS_COMMAND: bool = false;

/// The calls, as errors name them.
pub(crate) mod calls {
    pub(crate) const LIST_PROCESSES: &str = "proc_listpids";
    pub(crate) const START_THREAD: &str = "pthread_create";
    pub(crate) const MAKE_POLLER: &str = "kqueue";
    pub(crate) const WAKE_POLLER: &str = "kevent";
}

/// Returns false: which takes less time has not been measured here.
pub(crate) fn has_few_processes() -> bool {
    false
}

/// Returns `None`: the system does not tell.
pub(crate) fn is_number_in_use(_: u64) -> Option<bool> {
    None
}

/// Returns `None`: the system does not count what was started.
pub(crate) fn pid_clock() -> Option<PidClock> {
    None
}

/// Returns false: the system does not count what was started.
pub(crate) fn pids_not_reused_since(_: PidClock) -> bool {
    false
}

/// Returns whether orphans may be given to the calling process. Not known here.
pub(crate) fn adopts_orphans() -> bool {
    true
}

/// Returns `None`: the kernel assigns pids in order, but only a fork shows the last one.
pub(crate) fn last_pid() -> Option<Pid> {
    None
}

/// Does nothing: no call needs a file descriptor.
pub(crate) fn prepare() {}

/// The Rust API has no macOS-only names.
pub(crate) mod public {}
