//! What of a process is meant: the process alone, or others with it.

/// Whom a call that ends, suspends or resumes is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The process, and nobody else.
    Process,
    /// Every process in the group that it leads or led.
    Group,
    /// The process and all its descendants.
    Tree,
}
