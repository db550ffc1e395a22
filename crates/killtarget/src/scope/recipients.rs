//! Which processes in scope are signalled.

/// Who is sent the signals of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// Everyone in scope.
    All,
    /// The target itself.
    Root,
}
