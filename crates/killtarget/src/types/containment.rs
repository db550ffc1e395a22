//! What holds the processes of a contained launch.

/// What keeps the processes of a contained launch together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Containment {
    /// The kernel ends all processes with the guard.
    Kernel,
    /// Orphans stay below the guard. A program that kills both processes of the guard at once escapes.
    Reaper,
    /// The guard finds the processes by birth, by session and by group. The command or the guard has a session of its own: none of
    /// the processes in it escapes. One that leaves the session before the guard has seen it does.
    Session,
    /// The same, in the session of the host. One whose parent exits before the guard has seen it escapes.
    SharedSession,
}

/// Which process of a guard a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuardRole {
    /// The reaper of all that the command starts.
    Keeper,
    /// The guard itself, or a process that helps it.
    Other,
}

impl Containment {
    /// Returns the name that the npm package uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Reaper => "reaper",
            Self::Session | Self::SharedSession => "session",
        }
    }
}
