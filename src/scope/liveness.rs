//! Whether any process in scope is alive.

/// Who in scope lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Living {
    Nobody,
    /// Those only that may not be signalled: nothing is to be waited for.
    Untouchables,
    /// Those only of whom it can't be told whether they are in scope. They are not signalled; but who was and is just ending
    /// looks like that too, where nothing proves any more that he was.
    Unverified,
    Some,
}
