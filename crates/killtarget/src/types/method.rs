//! By what a target is bound to its process.

/// How a target knows its process. It is fixed when the target is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Linux: a pidfd.
    Pidfd,
    /// Linux: an open `/proc/PID` directory.
    ProcFd,
    /// macOS: an audit token with the process's unique id.
    AuditToken,
    /// Windows: a process handle.
    Handle,
    /// Linux: the start time, compared right before each signal.
    StartTime,
    /// The number alone, because the caller allowed it.
    Pid,
    /// There was no such process.
    Gone,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Pidfd, Self::ProcFd, Self::AuditToken, Self::Handle, Self::StartTime, Self::Pid, Self::Gone];

    /// As the npm package writes it.
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
