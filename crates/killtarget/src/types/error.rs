//! Every error of the core. [`Error::code`] gives the stable name that callers branch on.

use super::{
    pid::{InvalidPid, Pid},
    token::InvalidToken,
};

/// Says why a call failed. A process that is gone is not an error: see [`Delivery`](crate::Delivery).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The number is not a positive 32-bit integer.
    InvalidPid(InvalidPid),
    /// This system does not have the signal.
    UnknownSignal(String),
    /// The id is that of a thread. `kill(2)` would signal the whole process that the thread belongs to.
    NotAProcess(Pid),
    /// The process does not lead a process group.
    NotGroupLeader(Pid),
    /// The scope contains this process, one of its ancestors or pid 1.
    Protected {
        /// The pid of the target.
        pid: Pid,
        /// The protected process in the scope.
        holds: ProtectedProcess,
    },
    /// The target is a process that the call leaves alone, or was started by one.
    Excepted {
        /// The pid of the target.
        pid: Pid,
        /// The pid of the process that is left alone.
        by: Pid,
    },
    /// The process cannot be distinguished from a later one with its pid.
    IdentityUnavailable {
        /// The pid of the target.
        pid: Pid,
        /// What is missing.
        reason: &'static str,
    },
    /// The text is no token.
    InvalidToken(InvalidToken),
    /// The process of a token cannot be told from another one.
    TokenUnverifiable {
        /// The pid in the token.
        pid: Pid,
        /// What is missing.
        reason: &'static str,
    },
    /// A signal was sent, but children of these processes may be alive, because these could not be stopped in
    /// time. Without a pid: processes were started faster than scans could find them.
    MayHaveSurvivors(Vec<Pid>),
    /// The children of a process in this process's tree could not be read.
    MayMissDescendants(Pid),
    /// A socket listens on the port, and no process that is visible has it.
    ListenerHidden(u16),
    /// A defect of this library interrupted the operation.
    Internal,
    /// A system call failed.
    Os {
        /// The error number as in `errno(3)`, positive.
        errno: i32,
        /// The name of the call.
        syscall: &'static str,
    },
}

/// A process that a group or tree operation must not signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtectedProcess {
    /// The calling process.
    Caller,
    /// The caller's parent, that process's parent, and so on.
    Ancestor(Pid),
    /// The init process of the PID namespace.
    Init,
}

impl From<InvalidToken> for Error {
    fn from(token: InvalidToken) -> Self {
        Self::InvalidToken(token)
    }
}

impl From<InvalidPid> for Error {
    fn from(pid: InvalidPid) -> Self {
        Self::InvalidPid(pid)
    }
}
