//! Linux: pidfds where the kernel has them, `/proc` where it has not.

mod capabilities;
mod clock;
mod exit_status;
mod group;
mod handle;
mod handle_kind;
mod pid_lookup;
mod pidfd;
mod privilege;
mod probe;
mod process_list;
mod procfs;
mod spare_fd;
mod stat;
mod wait;
mod watch;

pub(crate) use crate::sys::unix::shared::*;
pub(crate) use capabilities::capabilities;
pub(crate) use clock::start_time_now;
pub(crate) use handle::Handle;
pub(crate) use pid_lookup::{group_of, may_lead_session};
pub(crate) use process_list::ProcessList;
pub(crate) use procfs::last_pid;
pub(crate) use spare_fd::prepare;
pub(crate) use wait::wait_for_any;

/// SIGSTOP and SIGCONT.
pub(crate) const CAN_STOP: bool = true;

/// The children of who is over are given to another.
pub(crate) const ORPHANS_KEEP_PPID: bool = false;

/// Who is in a group is signalled in one step, and nobody is forked in it meanwhile. (`tasklist_lock` in the kernel)
pub(crate) const GROUP_SIGNAL_IS_ATOMIC: bool = true;

/// A pidfd is readable from the end of its process on.
pub(crate) const EXIT_EVENTS_RELIABLE: bool = true;

/// As long as they are not reaped.
pub(crate) const GETSID_SEES_ZOMBIES: bool = true;

/// What is called, as errors name it.
pub(crate) mod calls {
    pub(crate) const LIST_PROCESSES: &str = "readdir(/proc)";
    pub(crate) const START_THREAD: &str = "clone";
    pub(crate) const MAKE_POLLER: &str = "epoll_create1";
    pub(crate) const WAKE_POLLER: &str = "write";
}

/// What Rust users get on Linux only.
pub(crate) mod public {
    pub use super::pidfd::Pidfd;
}
