//! The types that every platform answers with.

#![allow(dead_code)] // no platform uses all of them

/// Says whether a group, session or child that carries a process's pid belongs to that process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdOwner {
    /// It belongs to that process, which may have exited.
    Original,
    /// It belongs to another process, which had the pid before or has it now.
    Reused,
    /// The owner cannot be determined.
    Unknown,
}

/// The run state of a process or thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RunState {
    /// It runs no code until it is continued, or it has exited.
    Stopped,
    /// It is in a tracing stop (t). It runs no code until its tracer continues it. A tracer can discard a SIGSTOP.
    Traced,
    /// It waits uninterruptibly in the kernel (D). A pending stop takes effect before it runs any other code.
    Uninterruptible,
    Running,
}

/// Which processes this process can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    All,
    /// Other processes may be hidden. Usually these belong to other users.
    Own,
    None,
}

/// When a process was started, in the unit of the system. Linux: clock ticks since boot. macOS: microseconds since
/// 1970. Windows: 100 ns since 1601.
pub(crate) type StartTime = u64;
