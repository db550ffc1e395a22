//! Windows: process handles. An open handle pins the pid of its process.

mod api;
mod capabilities;
mod clock;
mod command_line;
mod errno;
mod group;
mod guard;
mod guard_board;
mod guard_program;
mod handle;
mod parent;
mod process_list;
mod signals;
mod snapshot;
mod wait;
mod watch;

pub(crate) use crate::sys::listening::listening_pids;
pub(crate) use api::own_pid;
pub(crate) use capabilities::capabilities;
pub(crate) use clock::{START_TIME_STEP, start_time_now};
pub(crate) use errno::{EPERM, errno_name, errno_text, io_error, not_permitted, unsupported};
pub(crate) use group::{
    has_process, may_be_in_group, may_be_in_session, may_lead_session, read_group, read_session,
};
pub(crate) use guard_program::{guard_program, library};
pub(crate) use handle::{Handle, own_parent};
pub(crate) use process_list::ProcessList;
pub(crate) use signals::{
    SIGCONT, SIGKILL, SIGSTOP, SIGTERM, can_send, is_signal, named_signals, real_time_signals,
};
pub(crate) use wait::wait_for_any;

use crate::types::{Pid, PidClock, Place};

/// Returns where the pids of this process are valid: start times are of all boots, and there are no PID namespaces.
#[allow(clippy::unnecessary_wraps)] // on other systems it may not be known
pub(crate) fn place() -> Option<Place> {
    Some(Place { boot: [0; 2], namespace: 0, clock: 0 })
}

/// Returns 0: there is one namespace.
#[allow(clippy::unnecessary_wraps)] // on Linux it may not be known
pub(crate) fn namespace_started() -> Option<super::types::StartTime> {
    Some(0)
}

/// Windows has no documented call that stops a process.
pub(crate) const CAN_STOP: bool = false;

/// A guard is one process.
pub(crate) const GUARDS_HAVE_KEEPERS: bool = false;

/// A process keeps the pid of its creator as ppid, even after the creator has exited.
pub(crate) const ORPHANS_KEEP_PPID: bool = true;

/// A terminated process may be in the middle of a call that makes a process.
pub(crate) const SIGKILL_PREVENTS_FORK: bool = false;

/// Windows has no process groups.
pub(crate) const GROUP_SIGNAL_IS_ATOMIC: bool = false;

/// The poller may delay a registration until its next wait. If that fails, it drops the registration.
pub(crate) const EXIT_EVENTS_RELIABLE: bool = false;

/// Windows has no zombies.
pub(crate) const GETSID_SEES_ZOMBIES: bool = true;

/// The guard of a command has no keeper.
pub(crate) const KEEPER_STARTS_COMMAND: bool = false;

/// The calls, as errors name them.
pub(crate) mod calls {
    pub(crate) const LIST_PROCESSES: &str = "NtQuerySystemInformation";
    pub(crate) const START_THREAD: &str = "CreateThread";
    pub(crate) const MAKE_POLLER: &str = "CreateIoCompletionPort";
    pub(crate) const WAKE_POLLER: &str = "PostQueuedCompletionStatus";
}

/// Returns false: orphans keep their ppid, so each scan reads all processes.
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

/// Returns `None`: Windows shows no counter of new processes.
pub(crate) fn last_pid() -> Option<Pid> {
    None
}

/// Does nothing: a process may have 16 million handles.
pub(crate) fn prepare() {}

/// Registers nothing.
///
/// Windows unloads a library under the loader lock, after all other threads have ended. A library cannot terminate
/// processes then. The listener of Node's `exit` event does that before.
pub(crate) fn at_exit(_: fn()) {}

/// Returns an error: Windows only starts further processes.
pub(crate) fn replace_process(_: &[u8], _: &[u8], _: &[i32]) -> crate::types::Error {
    unsupported("execve")
}

/// The Rust API has no Windows-only names.
pub(crate) mod public {}

/// The exit code that the standard library and this crate both pass to `TerminateProcess`.
#[cfg(test)]
pub(crate) const KILLED: crate::types::Exit = crate::types::Exit::Code(1);
