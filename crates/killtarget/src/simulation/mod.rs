//! A simulated kernel, and the guarantees of `docs/tree.md` as properties of whole terminations on it.
//!
//! Processes fork, exit, reparent, take sessions and groups, are reaped, and have their pids reused between any two calls.
//! So code for systems that are not at hand runs here, and so do races that real processes hit once in a million runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_sign_loss, clippy::cast_possible_wrap)]

mod actions;
mod case;
mod kernel;
mod lifecycle;
mod process;
mod process_list;
mod properties;
mod reading;
mod signals;
mod system;
mod table;
mod termination;
mod truth;
