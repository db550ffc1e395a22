//! A signal, by its number.

/// A signal that this system has, or 0, which sends nothing and tells whether a signal could be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal(i32);

impl Signal {
    /// Sends nothing: `kill(2)` makes its checks and stops there.
    pub const PROBE: Self = Self(0);

    /// From a number that the system's tables have. `sys` checks it.
    pub(crate) const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}
