//! Everything that can go wrong, each with the stable code that callers branch on.

use super::pid::{InvalidPid, Pid};

/// Why a call did nothing. That a process is gone is no error: see [`Delivery`](crate::Delivery).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not a positive 32-bit integer.
    InvalidPid(InvalidPid),
    /// A signal that this system does not have.
    UnknownSignal(String),
    /// The number is a thread's. `kill(2)` would reach the whole process that the thread belongs to.
    NotAProcess(Pid),
    /// The process leads no process group.
    NotGroupLeader(Pid),
    /// What would be signalled holds this process, one of its ancestors or pid 1.
    Protected {
        /// The target.
        pid: Pid,
        /// Whom the scope holds.
        holds: ProtectedProcess,
    },
    /// Nothing here tells this process from a later one with the same number.
    IdentityUnavailable {
        /// The number.
        pid: Pid,
        /// What is missing.
        reason: &'static str,
    },
    /// A defect of this library: what was begun was not brought to its end.
    Internal,
    /// The system refused a call.
    Os {
        /// As in `errno(3)`, positive.
        errno: i32,
        /// Which call.
        syscall: &'static str,
    },
}

/// Whom a call that reaches more than one process must not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtectedProcess {
    /// The calling process.
    Caller,
    /// Its parent, its parent's parent and so on.
    Ancestor(Pid),
    /// The init process of the PID namespace.
    Init,
}

impl From<InvalidPid> for Error {
    fn from(pid: InvalidPid) -> Self {
        Self::InvalidPid(pid)
    }
}
