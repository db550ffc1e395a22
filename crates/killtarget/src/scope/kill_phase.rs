//! How far a kill has come.

/// How far the kill of the members has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KillPhase {
    NotStarted,
    /// The members are stopped for the kill. Those that are not killed must be continued.
    Stopped,
    /// SIGKILL was sent to every member.
    Signalled,
}
