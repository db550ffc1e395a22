//! What can be told of a process at one moment.

use std::time::SystemTime;

use super::pid::Pid;

/// The facts about a process, as they were when it was looked at. What could not be read is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its number.
    pub pid: Pid,
    /// Its parent's. 0: the parent is outside this PID namespace.
    pub ppid: Option<i32>,
    /// Its process group. 0: that is of outside.
    pub pgid: Option<i32>,
    /// Its session. 0: that is of outside.
    pub sid: Option<i32>,
    /// The short name that it goes by, of at most 15 bytes on Linux. What is no UTF-8 is replaced.
    pub name: Option<String>,
    /// What it is doing, as the letter of `ps(1)`: `R`, `S`, `D`, `T`, `t`, `Z`, `X`, `I`.
    pub state: Option<char>,
    /// When it started, to the clock's tick.
    pub start_time: Option<SystemTime>,
}

impl ProcessInfo {
    /// Makes the facts about a process of which only the pid is known.
    pub(crate) const fn unknown(pid: Pid) -> Self {
        Self { pid, ppid: None, pgid: None, sid: None, name: None, state: None, start_time: None }
    }
}
