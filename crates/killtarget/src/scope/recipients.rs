//! Which processes in scope are signalled.

/// The recipients of a step's signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// Every process in scope.
    All,
    /// The target itself.
    Root,
}
