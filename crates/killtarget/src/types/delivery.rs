//! What became of a signal that was neither refused nor unsupported.

/// Whether a signal reached anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It was sent. A zombie takes it too, to no effect.
    Delivered,
    /// The process is over and reaped (or the group has no members): nothing was sent.
    Gone,
}
