//! How sure one must be of a process, and by what it can be recognized.

/// Whether a target may be bound to a number alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Opening fails where nothing tells the process from a later one with its number.
    #[default]
    Required,
    /// There, the number is taken for the process.
    Optional,
}

/// By what a process can be recognized when its handle is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Two handles of one process have the same.
    pub mark: String,
    /// Whether no other process with the same number can have the same mark. A start time is settled once its clock
    /// tick is over.
    pub settled: bool,
}
