//! The outcome of sending a signal.

/// Says whether a signal was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The signal was sent. A zombie accepts it too, without effect.
    Delivered,
    /// The process was reaped, or the group has no members. Nothing was sent.
    Gone,
}
