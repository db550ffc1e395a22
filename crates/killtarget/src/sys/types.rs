//! What is asked of every system, and answered in the same words.

#![allow(dead_code)] // no system has use for all of them

/// Whose that is which has or names the number of a process: a group, a session, a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdOwner {
    /// That of the process, which may be over.
    Original,
    /// Another one's, who had the number before or has it now.
    Reused,
    /// It can't be told.
    Unknown,
}

/// What a process, or a thread, is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RunState {
    /// It does nothing before it is continued, or has ended.
    Stopped,
    /// It waits in the kernel uninterruptibly, and will stop, where it was told to, before it does anything else.
    Uninterruptible,
    Running,
}

/// Which processes can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    All,
    /// Others may be hidden, who are other users' as a rule.
    Own,
    None,
}

/// When a process was started, in the unit and from the origin of the system: clock ticks since boot on Linux,
/// microseconds since 1970 on macOS, 100 ns since 1601 on Windows.
pub(crate) type StartTime = u64;
