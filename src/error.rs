//! Everything that can go wrong, each with the stable code that callers branch on.

use std::borrow::Cow;

use crate::{pid::Pid, sys};

/// Why a call did nothing. That a process is gone is no error: see [`Delivery`](crate::Delivery).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not a positive 32-bit integer.
    InvalidPid(String),
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
        holds: Kin,
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
pub enum Kin {
    /// The calling process.
    Caller,
    /// Its parent, its parent's parent and so on.
    Ancestor(Pid),
    /// The init process of the PID namespace.
    Init,
}

impl Error {
    /// Whether the system does not permit it.
    pub(crate) fn is_not_permitted(&self) -> bool {
        matches!(self, Self::Os { errno, .. } if *errno == sys::EPERM)
    }

    /// The name that stays the same over releases: `EPERM`, `ERR_NOT_A_PROCESS`.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        match self {
            Self::InvalidPid(_) => "ERR_OUT_OF_RANGE".into(),
            Self::UnknownSignal(_) => "ERR_UNKNOWN_SIGNAL".into(),
            Self::NotAProcess(_) => "ERR_NOT_A_PROCESS".into(),
            Self::NotGroupLeader(_) => "ERR_NOT_GROUP_LEADER".into(),
            Self::Protected { .. } => "ERR_PROTECTED_TARGET".into(),
            Self::IdentityUnavailable { .. } => "ERR_IDENTITY_UNAVAILABLE".into(),
            Self::Internal => "ERR_INTERNAL".into(),
            Self::Os { errno, .. } => sys::errno_name(*errno).into(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InvalidPid(number) => {
                write!(f, "Expected a pid, a positive 32-bit integer, got `{number}`")
            }
            Self::UnknownSignal(signal) => write!(f, "Unknown signal: {signal}"),
            Self::NotAProcess(pid) => {
                write!(
                    f,
                    "{pid} is the id of a thread, not of a process: a signal would reach the whole process"
                )
            }
            Self::NotGroupLeader(pid) => write!(f, "Process {pid} leads no process group"),
            Self::Protected { pid, holds: Kin::Caller } => {
                write!(f, "The scope of process {pid} holds the calling process itself")
            }
            Self::Protected { pid, holds: Kin::Ancestor(ancestor) } => {
                write!(f, "The scope of process {pid} holds {ancestor}, an ancestor of the calling process")
            }
            Self::Protected { pid, holds: Kin::Init } => {
                write!(f, "The scope of process {pid} holds pid 1, the init process")
            }
            Self::IdentityUnavailable { pid, reason } => {
                write!(f, "Process {pid} can't be told from a later one with its number: {reason}")
            }
            Self::Internal => write!(f, "A defect of killtarget has ended this; please report it"),
            Self::Os { errno, syscall } => {
                write!(f, "{}: {}, {syscall}", sys::errno_name(*errno), sys::errno_text(*errno))
            }
        }
    }
}

impl std::error::Error for Error {}
