//! A simulated kernel, and the guarantees of `docs/tree.md` as properties of whole terminations on it.
//!
//! Processes fork, exit, reparent, take sessions and groups, are reaped, and have their pids reused between any two calls.
//! So code for systems that are not at hand runs here, and so do races that real processes hit once in a million runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_sign_loss, clippy::cast_possible_wrap)]

mod actions;
mod case;
mod kernel;
mod lifecycle;
mod number;
mod process;
mod process_list;
mod properties;
mod reading;
mod scenario;
mod signals;
mod system;
mod table;
mod termination;
mod truth;

pub(crate) use case::Leads;
pub(crate) use kernel::{Id, World};
pub(crate) use process::SimulatedProcess;
pub(crate) use scenario::{Scenario, end, ids, on_each_system, on_each_unix, reuse_pid, reuse_pid_for_child};
pub(crate) use system::{Linux, LinuxBefore69, MacOs, Simulation, Windows};
pub(crate) use table::Simulated;
pub(crate) use termination::{carry_out, terminate};
