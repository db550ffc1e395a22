//! Which processes live on, why, and how sure it is that there are no others.

use crate::types::ProcessInfo;

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
