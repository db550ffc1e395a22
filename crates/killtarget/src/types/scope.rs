//! Which processes an operation covers.

/// Says which processes an operation terminates, suspends or resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only the process.
    Process,
    /// Every member of the process group that the process leads or led.
    Group,
    /// The process and all its descendants.
    Tree,
}
