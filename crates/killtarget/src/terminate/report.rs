//! What has become of those that were to be ended.

use std::time::Duration;

use crate::{
    scope::survivor::{Proof, Survivor},
    types::Exit,
};

/// The result of [`terminate_sync`](crate::terminate_sync) and its like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Termination {
    /// In one word.
    pub outcome: Outcome,
    /// How the target itself ended. `None`: it lives on.
    pub exit: Option<Exit>,
    /// How many processes were found alive and are over now.
    pub ended: usize,
    /// Those that live on.
    pub survivors: Vec<Survivor>,
    /// Whether nothing was sent by number, so that no other process can have been reached.
    pub race_free: bool,
    /// What "all of them" rests on.
    pub proof: Proof,
    /// From the call to this report.
    pub elapsed: Duration,
}

/// What it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All were over when asked.
    Gone,
    /// All ended without SIGKILL.
    Exited,
    /// All are over, and SIGKILL was needed.
    Killed,
    /// Some live on.
    Survived,
}

impl Outcome {
    /// As the npm package writes it.
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
