//! The exit status of a process.

use super::signal::Signal;

/// Says how a process exited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this code, 0 to 255. On Windows this is the 32-bit exit code, also of a terminated process.
    Code(i32),
    /// A signal terminated it.
    Signal(Signal),
    /// It has exited. The system reports its exit status to its parent only, or to no process.
    Unknown,
}
