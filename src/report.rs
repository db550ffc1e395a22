//! What has become of those that were to be ended.

use std::time::Duration;

use crate::{exit::Exit, info::ProcessInfo};

/// The result of [`terminate_sync`](crate::terminate_sync) and its like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
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

/// How it is known that nobody in scope was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The target alone was meant, and is held.
    Process,
    /// Its tree was meant, and it led its session: who was given to another parent *and* had a session of his own may have been
    /// missed.
    Session,
    /// Its group was meant: whoever is in it was found there, or is told by the kernel not to be. Or its tree, and it led a
    /// group only: who was given to another parent and had left the group may have been missed.
    Group,
    /// Its tree was meant, and it led nothing: who was given to another parent may have been missed.
    Descendants,
    /// Facts were missing: there may be others.
    BestEffort,
}

impl Proof {
    /// As the npm package writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Session => "session",
            Self::Group => "group",
            Self::Descendants => "descendants",
            Self::BestEffort => "best-effort",
        }
    }
}

/// A process in scope that lives on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// What it is.
    pub process: ProcessInfo,
    /// Why it lives.
    pub reason: Reason,
}

/// Why a process was not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It may not be signalled.
    NotPermitted,
    /// It could not be told whether it is in scope, so it was not signalled.
    Unverified,
    /// It waits in the kernel for something that no signal interrupts, SIGKILL neither.
    Uninterruptible,
    /// It was signalled, and the time is up.
    Timeout,
}

impl Reason {
    /// As the npm package writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotPermitted => "not-permitted",
            Self::Unverified => "unverified",
            Self::Uninterruptible => "uninterruptible",
            Self::Timeout => "timeout",
        }
    }
}
