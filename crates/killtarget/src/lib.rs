//! Kills exactly the process you meant, and nothing else.
//!
//! # The race
//!
//! `kill(pid, signal)` signals the process that has the pid *now*. A pid can be reused as soon as its process
//! has exited and has been reaped. Between the choice of a process and the call, the process may exit. A
//! runtime reaps it in the background, and another process gets its pid. With a timeout or a cancellation,
//! minutes lie in between. `kill` then signals the wrong process.
//!
//! Linux has had process handles since 5.3. macOS and Windows have them too. A handle stays bound to its
//! process: after the exit it never means another one. A [`KillTarget`] opens a handle when it is made, and
//! does everything through it. Where the system has none, it uses the next best identity, and verifies that
//! right before each signal. [`KillTarget::method`] and [`KillTarget::race_free`] say which it is.
//!
//! # Layers
//!
//! Each imports only those below it: `terminate` and `operations`, `scope`, `reactor`, `target`,
//! `protection`, `ancestors` and `exit_hook`, `sys`, `types`. Only `sys` calls the operating system.

mod ancestors;
mod exit_hook;
mod operations;
mod protection;
mod reactor;
mod scope;
#[cfg(test)]
mod simulation;
mod sys;
mod target;
mod terminate;
#[cfg(all(feature = "test-hooks", not(test)))]
pub mod test_hooks;
mod types;

pub use exit_hook::flush;
pub use operations::{
    background::OnDone,
    descendants::{descendants, processes_in_scope, signal_descendants},
    leftovers::has_leftovers,
    listeners::listeners,
    suspend::{resume, suspend},
};
pub use reactor::{OnTime, Timer, Wait, Waiter, after, cancel, cancel_timer, on_exit};
pub use scope::{
    recipients::Recipients,
    resolve::check_scope,
    survivor::{Proof, Reason, Survivor},
};
#[allow(unused_imports, unreachable_pub)] // some platforms have none
pub use sys::public::*;
pub use target::KillTarget;
pub use terminate::{
    TerminationHandle,
    deadline::{Deadline, terminate_after},
    escalation::{Plan, Step},
    progress::{Event, OnProgress, Progress},
    report::{Outcome, Termination},
    request::{Callbacks, OnTermination, Request},
    terminate, terminate_sync,
};
pub use types::{
    Capabilities, CommandLine, Containment, Delivery, Error, Exit, Identity, InvalidPid, InvalidToken,
    Method, Pid, PidClock, ProcessInfo, ProtectedProcess, Scope, Signal, Token, Verification,
};

/// Returns what the running system can do for a target, and why not more.
#[must_use]
pub fn capabilities() -> Capabilities {
    sys::capabilities()
}

/// Returns how far the kernel has come with the assignment of pids, or `None` if it does not tell.
#[must_use]
pub fn pid_clock() -> Option<PidClock> {
    sys::pid_clock()
}

/// Returns the path of the program for contained launch, or `None` if there is none beside this library.
#[must_use]
pub fn guard_program() -> Option<std::path::PathBuf> {
    sys::guard_program()
}

/// Returns the path of the file that this code was loaded from, or `None` if the system does not tell.
#[must_use]
pub fn library() -> Option<std::path::PathBuf> {
    sys::library()
}

/// Replaces this process by another program: the first argument. The arguments and the environment are lists of texts that each
/// end with a zero byte. The program gets the descriptors. Returns only if that fails.
#[must_use]
pub fn replace_process(arguments: &[u8], environment: &[u8], descriptors: &[i32]) -> Error {
    sys::replace_process(arguments, environment, descriptors)
}

/// Reserves what targets need when no file descriptor is left. Call it early.
pub fn prepare() {
    sys::prepare();
}
