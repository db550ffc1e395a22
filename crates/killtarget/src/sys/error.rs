//! The codes and messages of errors. System errors have the system's names.

use std::{borrow::Cow, fmt};

use super::{EPERM, errno_name, errno_text, own_pid};
use crate::types::{Error, Pid, ProtectedProcess};

impl Error {
    /// Returns whether the error is `EPERM`.
    pub(crate) fn is_not_permitted(&self) -> bool {
        matches!(self, Self::Os { errno, .. } if *errno == EPERM)
    }

    /// Returns the code, such as `EPERM` or `ERR_NOT_A_PROCESS`. Codes stay the same over releases.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        match self {
            Self::InvalidPid(_) => "ERR_OUT_OF_RANGE".into(),
            Self::UnknownSignal(_) => "ERR_UNKNOWN_SIGNAL".into(),
            Self::NotAProcess(_) => "ERR_NOT_A_PROCESS".into(),
            Self::NotGroupLeader(_) => "ERR_NOT_GROUP_LEADER".into(),
            Self::Protected { .. } => "ERR_PROTECTED_TARGET".into(),
            Self::Excepted { .. } => "ERR_EXCEPTED_TARGET".into(),
            Self::IdentityUnavailable { .. } | Self::TokenUnverifiable { .. } | Self::ListenerHidden(_) => {
                "ERR_IDENTITY_UNAVAILABLE".into()
            }
            Self::InvalidToken(_) => "ERR_INVALID_ARG_VALUE".into(),
            Self::MayHaveSurvivors(_) | Self::MayMissDescendants(_) => "ERR_TIMEOUT".into(),
            Self::Internal => "ERR_INTERNAL".into(),
            Self::Os { errno, .. } => errno_name(*errno).into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidPid(invalid) => invalid.fmt(f),
            Self::UnknownSignal(signal) => {
                write!(f, "Unknown signal: {signal}. Use a name or number that this system has.")
            }
            Self::NotAProcess(pid) => write!(
                f,
                "Cannot open {pid}: it is the id of a thread, and a signal would reach its whole process. \
                 Pass the pid of that process."
            ),
            Self::NotGroupLeader(pid) => write!(
                f,
                "Process {pid} does not lead a process group. \
                 Start it as the leader of a group, or signal the process alone."
            ),
            Self::Protected { pid, holds } => {
                write!(f, "Cannot signal the scope of process {pid}: it contains {holds}.")?;
                if holds.pid() != *pid {
                    f.write_str(" Try a smaller scope.")?;
                }
                f.write_str(" Where a function has `allowSelf`, `true` includes that process.")
            }
            Self::Excepted { pid, by } => write!(
                f,
                "Cannot terminate process {pid}: `except` names process {by}, which is left alone with all that it \
                 has started. Leave it out of `except`."
            ),
            Self::IdentityUnavailable { pid, reason } => write!(
                f,
                "Cannot verify the identity of process {pid}: {reason}. \
                 Pass `allowUnverified: true` to signal it by its pid."
            ),
            Self::InvalidToken(invalid) => invalid.fmt(f),
            Self::TokenUnverifiable { pid, reason } => {
                write!(f, "Cannot tell whether process {pid} is the one of the token: {reason}.")
            }
            Self::MayHaveSurvivors(pids) => {
                write!(f, "Cannot verify that the signal reached the whole tree: ")?;
                if pids.is_empty() {
                    write!(f, "processes were started faster than scans could find them. ")?;
                } else {
                    let pids: Vec<_> = pids.iter().map(ToString::to_string).collect();
                    let pids = pids.join(", ");
                    write!(f, "could not stop {pids} in time, and their children may be alive. ")?;
                }
                write!(f, "Start the root with `detached: true`: its session then shows orphans.")
            }
            Self::MayMissDescendants(pid) => write!(
                f,
                "Cannot list all descendants of process {pid}: the children of some could not be read. \
                 Call again."
            ),
            Self::ListenerHidden(port) => write!(
                f,
                "Cannot name all processes that listen on port {port}: one is in another PID namespace or hidden by /proc, or \
                 the kernel itself listens."
            ),
            Self::Internal => {
                write!(f, "A defect of killtarget interrupted the operation. Please report it.")
            }
            Self::Os { errno, syscall } => {
                write!(f, "{}: {}, {syscall}", errno_name(*errno), errno_text(*errno))
            }
        }
    }
}

impl fmt::Display for ProtectedProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => write!(f, "the calling process"),
            Self::Ancestor(ancestor) => write!(f, "process {ancestor}, an ancestor of the calling process"),
            Self::Init => write!(f, "pid 1, the init process"),
        }
    }
}

impl ProtectedProcess {
    fn pid(self) -> Pid {
        match self {
            Self::Caller => own_pid(),
            Self::Ancestor(pid) => pid,
            Self::Init => Pid::INIT,
        }
    }
}

impl std::error::Error for Error {}
