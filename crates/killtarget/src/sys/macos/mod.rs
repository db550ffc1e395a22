//! macOS: every process has a unique id, which no other ever gets, and a version, which changes at exec as well. An audit
//! token holds the version, and is what a process can be signalled by without a race. (xnu, `bsd/kern/proc_info.c`)

mod audit_token;
mod capabilities;
mod clock;
mod exit_status;
mod group;
mod handle;
mod libproc;
mod libproc_result;
mod parent;
mod process_list;
mod run_state;
mod wait;
mod watch;

pub(crate) use crate::sys::unix::shared::*;
pub(crate) use capabilities::capabilities;
pub(crate) use clock::start_time_now;
pub(crate) use handle::Handle;
pub(crate) use process_list::{ProcessList, group_of, may_lead_session};
pub(crate) use wait::wait_for_any;

use crate::types::Pid;

/// SIGSTOP and SIGCONT.
pub(crate) const CAN_STOP: bool = true;

/// The children of who is over are given to launchd.
pub(crate) const ORPHANS_KEEP_PPID: bool = false;

/// Who is in a group is signalled one by one, and not whoever is being forked. (xnu, `pgrp_iterate`; `P_REF_NEW`)
pub(crate) const GROUP_SIGNAL_IS_ATOMIC: bool = false;

/// Whoever is debugged when his parent ends, and ends then, sends no event. (xnu, `filt_procevent`, `reap_child_locked`)
pub(crate) const EXIT_EVENTS_RELIABLE: bool = false;

/// `getsid(2)` knows none. (xnu: `proc_find`)
pub(crate) const GETSID_SEES_ZOMBIES: bool = false;

/// What is called, as errors name it.
pub(crate) mod calls {
    pub(crate) const LIST_PROCESSES: &str = "proc_listpids";
    pub(crate) const START_THREAD: &str = "pthread_create";
    pub(crate) const MAKE_POLLER: &str = "kqueue";
    pub(crate) const WAKE_POLLER: &str = "kevent";
}

/// Numbers are given in order, but nothing tells the last one without making a process.
pub(crate) fn last_pid() -> Option<Pid> {
    None
}

/// What is asked for needs no file descriptor.
pub(crate) fn prepare() {}

/// Nothing that Rust users get on macOS only.
pub(crate) mod public {}
