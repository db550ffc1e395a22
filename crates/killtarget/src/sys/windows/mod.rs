//! Windows: process handles. Nobody gets the number of a process while a handle on it is open.

mod api;
mod capabilities;
mod clock;
mod errno;
mod group;
mod handle;
mod parent;
mod process_list;
mod signals;
mod snapshot;
mod wait;
mod watch;

pub(crate) use api::own_pid;
pub(crate) use capabilities::capabilities;
pub(crate) use clock::start_time_now;
pub(crate) use errno::{EPERM, errno_name, errno_text, io_error, not_permitted, unsupported};
pub(crate) use group::{group_of, may_lead_session, session_of};
pub(crate) use handle::{Handle, own_parent};
pub(crate) use process_list::ProcessList;
pub(crate) use signals::{
    SIGCONT, SIGKILL, SIGSTOP, SIGTERM, can_send, is_signal, named_signals, real_time_signals,
};
pub(crate) use wait::wait_for_any;

use crate::types::Pid;

/// There is no documented way.
pub(crate) const CAN_STOP: bool = false;

/// A process keeps the number of the one that has started it, be that over.
pub(crate) const ORPHANS_KEEP_PPID: bool = true;

/// There are no groups.
pub(crate) const GROUP_SIGNAL_IS_ATOMIC: bool = false;

/// The poller may put off what is to be watched until it waits the next time, and forgets it where that fails then.
pub(crate) const EXIT_EVENTS_RELIABLE: bool = false;

/// There are none.
pub(crate) const GETSID_SEES_ZOMBIES: bool = true;

/// What is called, as errors name it.
pub(crate) mod calls {
    pub(crate) const LIST_PROCESSES: &str = "NtQuerySystemInformation";
    pub(crate) const START_THREAD: &str = "CreateThread";
    pub(crate) const MAKE_POLLER: &str = "CreateIoCompletionPort";
    pub(crate) const WAKE_POLLER: &str = "PostQueuedCompletionStatus";
}

/// Nothing tells.
pub(crate) fn last_pid() -> Option<Pid> {
    None
}

/// Handles do not run out as file descriptors do: there are 16 million a process.
pub(crate) fn prepare() {}

/// Nothing is called: what a library could do while Windows unloads it, after the end of all other threads and under the
/// lock of the loader, is nothing that others are ended with. The listener of the process's `exit` event has done it before.
pub(crate) fn at_exit(_: fn()) {}

/// Nothing that Rust users get on Windows only.
pub(crate) mod public {}

/// It reads commands.
#[cfg(test)]
pub(crate) const READER: &str = "cmd";

/// As `TerminateProcess` is called by the standard library, and here.
#[cfg(test)]
pub(crate) const KILLED: crate::types::Exit = crate::types::Exit::Code(1);
