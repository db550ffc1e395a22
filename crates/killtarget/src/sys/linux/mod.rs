//! Linux: pidfds if the kernel has them, otherwise `/proc`.

mod capabilities;
mod children;
mod clock;
mod delivery;
mod description;
mod directory;
mod exit_status;
mod file_handle;
mod file_owner;
mod first_thread;
mod group;
mod guard;
mod handle;
mod handle_kind;
mod last_pid;
mod listening;
mod namespace_pids;
mod openat2;
mod pid_lookup;
mod pidfd;
mod place;
mod privilege;
mod probe;
mod proc_root;
mod process_list;
mod procfs;
mod queued_signal;
mod reuse;
mod spare_fd;
mod stat;
mod status;
mod version;
mod wait;
mod watch;

pub(crate) use crate::sys::unix::shared::*;
pub(crate) use capabilities::capabilities;
pub(crate) use clock::start_time_now;
pub(crate) use group::is_number_in_use;
pub(crate) use handle::Handle;
pub(crate) use last_pid::{has_few_processes, last_pid};
pub(crate) use listening::listening_pids;
pub(crate) use pid_lookup::{has_process, may_lead_session, read_group, read_session};
pub(crate) use place::{namespace_started, place};
pub(crate) use process_list::ProcessList;
pub(crate) use reuse::{pid_clock, pids_not_reused_since};
pub(crate) use wait::wait_for_any;

/// Opens what needs a file descriptor later: the spare one, and `/proc`.
pub(crate) fn prepare() {
    spare_fd::prepare();
    proc_root::prepare();
    privilege::prepare();
}

/// Start times are in whole clock ticks.
pub(crate) const START_TIME_STEP: u64 = 1;

/// Processes can be stopped and continued, by SIGSTOP and SIGCONT.
pub(crate) const CAN_STOP: bool = true;

/// A guard has a second process, which is the parent of the command.
pub(crate) const GUARDS_HAVE_KEEPERS: bool = true;

/// The kernel reparents orphans, so their ppid changes.
pub(crate) const ORPHANS_KEEP_PPID: bool = false;

/// A process makes no child once SIGKILL is sent to it: a pending signal aborts `fork(2)`, which publishes the child
/// and checks for it in one step. (`copy_process` in the kernel)
pub(crate) const SIGKILL_PREVENTS_FORK: bool = true;

/// A group signal is sent to all members in one step. No member forks in the meantime. (`tasklist_lock` in the kernel)
pub(crate) const GROUP_SIGNAL_IS_ATOMIC: bool = true;

/// A pidfd is readable from the exit of its process on.
pub(crate) const EXIT_EVENTS_RELIABLE: bool = true;

/// `getsid(2)` returns the session of a zombie until that is reaped.
pub(crate) const GETSID_SEES_ZOMBIES: bool = true;

/// The keeper of a guard starts the command, and not the guard.
pub(crate) const KEEPER_STARTS_COMMAND: bool = true;

/// The system calls, by the names that errors give them.
pub(crate) mod calls {
    pub(crate) const LIST_PROCESSES: &str = "readdir(/proc)";
    pub(crate) const START_THREAD: &str = "clone";
    pub(crate) const MAKE_POLLER: &str = "epoll_create1";
    pub(crate) const WAKE_POLLER: &str = "write";
}

/// Public names on Linux only.
pub(crate) mod public {
    pub use super::pidfd::Pidfd;
}

/// Returns whether the kernel may give orphans to the calling process.
///
/// # References
/// `prctl(2)`: `PR_GET_CHILD_SUBREAPER`.
pub(crate) fn adopts_orphans() -> bool {
    own_pid() == crate::types::Pid::INIT || nix::sys::prctl::get_child_subreaper() != Ok(false)
}
