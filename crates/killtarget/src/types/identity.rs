//! Whether a target needs a verified identity, and what that identity is.

/// Says whether a target may be opened by its pid alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Opening fails if the process cannot be distinguished from a later one with its pid.
    #[default]
    Required,
    /// Such a process is opened by its pid. In the npm package this is `allowUnverified: true`.
    Optional,
}

/// Identifies a process after its handle was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Two handles on the same process have the same mark.
    pub mark: String,
    /// Whether no later process with the same pid can have the same mark. This is false for a start time until its
    /// clock tick has ended.
    pub settled: bool,
}
