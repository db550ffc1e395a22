//! A clock that nobody sets.

/// Milliseconds since an arbitrary moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(u64);

pub(crate) fn now() -> Time {
    Time(crate::sys::monotonic_milliseconds())
}

impl Time {
    pub(crate) const fn after(self, milliseconds: u32) -> Self {
        Self(self.0.saturating_add(milliseconds as u64))
    }

    /// How many milliseconds it is after `now`, 0 if it is before.
    pub(crate) fn milliseconds_from(self, now: Self) -> u32 {
        u32::try_from(self.0.saturating_sub(now.0)).unwrap_or(u32::MAX)
    }
}
