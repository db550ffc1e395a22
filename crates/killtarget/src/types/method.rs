//! How a target is bound to its process.

/// Says how a target is bound to its process. Opening the target decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Linux: a pidfd.
    Pidfd,
    /// Linux: an open `/proc/PID` directory.
    ProcFd,
    /// macOS: an audit token and the process's unique id.
    AuditToken,
    /// Windows: a process handle.
    Handle,
    /// Linux: the start time, compared directly before each signal. Not race-free.
    StartTime,
    /// The pid alone, which the caller allowed. Not verified.
    Pid,
    /// No process had the pid, or it has exited.
    Gone,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 7] =
        [Self::Pidfd, Self::ProcFd, Self::AuditToken, Self::Handle, Self::StartTime, Self::Pid, Self::Gone];

    /// Returns the name that the npm package uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pidfd => "pidfd",
            Self::ProcFd => "proc-fd",
            Self::AuditToken => "audit-token",
            Self::Handle => "handle",
            Self::StartTime => "start-time",
            Self::Pid => "pid",
            Self::Gone => "gone",
        }
    }
}
