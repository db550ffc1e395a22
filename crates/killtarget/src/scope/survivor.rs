//! Which processes survive, why, and how certain it is that there are no others.

use crate::types::ProcessInfo;

/// What rules out that a process in scope was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The tree was contained in a PID namespace, which the kernel ends as one.
    Kernel,
    /// The tree was contained, and its guard has exited, which it does after the last process. A program that has killed both
    /// processes of the guard at once may have escaped.
    Reaper,
    /// The scope was the target alone, which has a handle.
    Process,
    /// The scope was a tree, and the target led its session. An orphan that took a session of its own may
    /// have been missed.
    Session,
    /// The scope was a group, and the scan or the kernel accounts for every member. Or it was a tree, and the
    /// target led a group only: an orphan that left the group may have been missed.
    Group,
    /// The scope was a tree, and the target led nothing. Orphans may have been missed.
    Descendants,
    /// Facts were missing. Other processes may have been missed.
    BestEffort,
}

impl Proof {
    /// Returns the name that the npm package uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Reaper => "reaper",
            Self::Process => "process",
            Self::Session => "session",
            Self::Group => "group",
            Self::Descendants => "descendants",
            Self::BestEffort => "best-effort",
        }
    }
}

/// A process in scope that is still alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The process.
    pub process: ProcessInfo,
    /// Why it is alive.
    pub reason: Reason,
}

/// Why a process is still alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It may not be signalled.
    NotPermitted,
    /// Its membership could not be verified, so it was not signalled.
    Unverified,
    /// It waits in the kernel, where no signal interrupts it, not even SIGKILL.
    Uninterruptible,
    /// It was signalled, and has not exited in time.
    Timeout,
}

impl Reason {
    /// Returns the name that the npm package uses.
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
