//! The report of a termination.

use std::time::Duration;

use crate::{
    scope::survivor::{Proof, Survivor},
    types::Exit,
};

/// The result of [`terminate`](crate::terminate) and [`terminate_sync`](crate::terminate_sync).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Termination {
    /// The result in one word.
    pub outcome: Outcome,
    /// How the target itself exited. `None` if it is alive.
    pub exit: Option<Exit>,
    /// How many processes were found alive and have exited.
    pub ended: usize,
    /// The processes that are still alive.
    pub survivors: Vec<Survivor>,
    /// Whether every signal went through a handle, so that no other process can have received one.
    pub race_free: bool,
    /// What rules out that a process in scope was missed.
    pub proof: Proof,
    /// The time from the call to this report.
    pub elapsed: Duration,
}

/// The result of a termination in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No process in scope was alive at the call.
    Gone,
    /// All exited, and no SIGKILL was sent by this call or by one that is joined with it.
    Exited,
    /// All exited, and SIGKILL was sent by this call or by one that is joined with it.
    Killed,
    /// A process is still alive.
    Survived,
}

impl Outcome {
    /// Returns the name that the npm package uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Exited => "exited",
            Self::Killed => "killed",
            Self::Survived => "survived",
        }
    }
}
