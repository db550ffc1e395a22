//! What an error is called and says, by the system's names.

use std::{borrow::Cow, fmt};

use super::{EPERM, errno_name, errno_text};
use crate::types::{Error, ProtectedProcess};

impl Error {
    /// Whether the system does not permit it.
    pub(crate) fn is_not_permitted(&self) -> bool {
        matches!(self, Self::Os { errno, .. } if *errno == EPERM)
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
            Self::Os { errno, .. } => errno_name(*errno).into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidPid(invalid) => invalid.fmt(f),
            Self::UnknownSignal(signal) => write!(f, "Unknown signal: {signal}"),
            Self::NotAProcess(pid) => {
                write!(
                    f,
                    "{pid} is the id of a thread, not of a process: a signal would reach the whole process"
                )
            }
            Self::NotGroupLeader(pid) => write!(f, "Process {pid} leads no process group"),
            Self::Protected { pid, holds: ProtectedProcess::Caller } => {
                write!(f, "The scope of process {pid} holds the calling process itself")
            }
            Self::Protected { pid, holds: ProtectedProcess::Ancestor(ancestor) } => {
                write!(f, "The scope of process {pid} holds {ancestor}, an ancestor of the calling process")
            }
            Self::Protected { pid, holds: ProtectedProcess::Init } => {
                write!(f, "The scope of process {pid} holds pid 1, the init process")
            }
            Self::IdentityUnavailable { pid, reason } => {
                write!(f, "Process {pid} can't be told from a later one with its number: {reason}")
            }
            Self::Internal => write!(f, "A defect of killtarget has ended this; please report it"),
            Self::Os { errno, syscall } => {
                write!(f, "{}: {}, {syscall}", errno_name(*errno), errno_text(*errno))
            }
        }
    }
}

impl std::error::Error for Error {}
