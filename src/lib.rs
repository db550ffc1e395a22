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
//! The core (this crate without the feature `node`) decides; [`sys`](self) is its only door to the operating system;
//! `binding.rs` converts for Node-API, above which stands the TypeScript that users of the npm package see.

mod ancestry;
mod capabilities;
mod crew;
mod delivery;
mod descendants;
mod errand;
mod error;
mod exit;
mod group;
#[cfg(all(feature = "test-hooks", not(test)))]
mod hooks;
mod identity;
mod info;
mod job;
mod ladder;
mod later;
mod look;
mod looks;
mod member;
mod members;
mod method;
mod pid;
mod protect;
mod reactor;
mod report;
mod scope;
mod signal;
mod suspend;
mod sweep;
mod sys;
mod target;
mod terminate;
mod tree;
mod walk;

#[cfg(all(feature = "node", not(test)))]
mod binding;
#[cfg(all(feature = "node", not(test)))]
mod convert;
#[cfg(any(feature = "node", test))]
mod slots;
#[cfg(all(feature = "node", not(test)))]
mod waits;

pub use capabilities::Capabilities;
pub use delivery::Delivery;
pub use descendants::{descendants, signal_descendants};
pub use errand::OnDone;
pub use error::{Error, Kin};
pub use exit::Exit;
pub use identity::{Identity, Verification};
pub use info::ProcessInfo;
pub use ladder::{Plan, Step, To};
pub use method::Method;
pub use pid::Pid;
pub use reactor::{Wait, Waiter, cancel, on_exit};
pub use report::{Outcome, Proof, Reason, Report, Survivor};
pub use scope::Scope;
pub use signal::Signal;
pub use suspend::{resume, suspend};
#[allow(unused_imports, unreachable_pub)] // some platforms have none
pub use sys::public::*;
pub use target::KillTarget;
pub use terminate::{OnReport, Request, Termination, check_protected, flush, terminate, terminate_sync};

/// What the running system can do for a target, and why not what it can't.
#[must_use]
pub fn capabilities() -> Capabilities {
    sys::capabilities()
}

/// Takes what targets need on the day when no file descriptor is left. Call it early.
pub fn prepare() {
    sys::prepare();
}
