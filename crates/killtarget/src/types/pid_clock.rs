//! How far the assignment of pids has come.

/// How far the assignment of pids has come at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PidClock {
    /// How many processes and threads the machine has started since boot.
    pub starts: u64,
    /// The pid that was assigned last.
    pub last_pid: u64,
}
