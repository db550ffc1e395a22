//! How a process ended.

use super::signal::Signal;

/// What is known of the end of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It ended by itself, with this code (0 to 255). On Windows the 32 bits that it left, whoever ended it.
    Code(i32),
    /// A signal ended it.
    Signal(Signal),
    /// It is over. How it ended was told to its parent alone, or to nobody.
    Unknown,
}
