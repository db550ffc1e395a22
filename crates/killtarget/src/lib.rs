//! Kills exactly the process you meant, and nothing else.
//!
//! # The race
//!
//! `kill(pid, signal)` signals whatever has that number *now*. A number is given to a process when it starts and can
//! be given to another once the process has ended and was waited for. Between "this is the process I mean" and
//! `kill` lies a moment, and for a time-out or a cancellation it is a long one: minutes in which the process may end
//! by itself, be waited for by a runtime in the background, and leave its number to a stranger. The stranger is then
//! killed.
//!
//! Linux has had handles on processes since 5.3, macOS and Windows have theirs. A handle stays with its process: when
//! that is over, the handle is nobody's. A [`KillTarget`] takes one when it is made, and everything is done through
//! it. Where there are none it takes the next best thing, checks it right before each signal, and says so
//! ([`KillTarget::method`], [`KillTarget::race_free`]).
//!
//! # Layers
//!
//! Each knows only those below it: `terminate` and `operations`, `scope`, `reactor`, `target`, `protection`, `ancestors`
//! and `exit_hook`, `sys`, `types`. `sys` is the only door to the operating system.

mod ancestors;
mod exit_hook;
mod operations;
mod protection;
mod reactor;
mod scope;
mod sys;
mod target;
mod terminate;
#[cfg(all(feature = "test-hooks", not(test)))]
pub mod test_hooks;
mod types;

pub use exit_hook::flush;
pub use operations::{
    background::OnDone,
    descendants::{descendants, signal_descendants},
    suspend::{resume, suspend},
};
pub use reactor::{Wait, Waiter, cancel, on_exit};
pub use scope::{
    recipients::Recipients,
    resolve::check_protected,
    survivor::{Proof, Reason, Survivor},
};
#[allow(unused_imports, unreachable_pub)] // some platforms have none
pub use sys::public::*;
pub use target::KillTarget;
pub use terminate::{
    TerminationHandle,
    escalation::{Plan, Step},
    report::{Outcome, Termination},
    request::{OnTermination, Request},
    terminate, terminate_sync,
};
pub use types::{
    Capabilities, Delivery, Error, Exit, Identity, InvalidPid, Method, Pid, ProcessInfo, ProtectedProcess,
    Scope, Signal, Verification,
};

/// What the running system can do for a target, and why not what it can't.
#[must_use]
pub fn capabilities() -> Capabilities {
    sys::capabilities()
}

/// Takes what targets need on the day when no file descriptor is left. Call it early.
pub fn prepare() {
    sys::prepare();
}
