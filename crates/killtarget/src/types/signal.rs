//! A signal number.

/// A signal of this system, or 0. Signal 0 sends nothing and checks whether a signal could be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal(i32);

impl Signal {
    /// Signal 0: `kill(2)` checks existence and permission, and sends nothing.
    pub const PROBE: Self = Self(0);

    /// Makes a signal of a number that `sys` has checked against the system's tables.
    pub(crate) const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}
