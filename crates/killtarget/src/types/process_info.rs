//! Facts about a process.

use std::time::SystemTime;

use super::{pid::Pid, token::Token};

/// The facts about a process at the time of the call. A fact that could not be read is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its pid.
    pub pid: Pid,
    /// The pid of its parent. 0 if the parent is outside this PID namespace.
    pub ppid: Option<i32>,
    /// The id of its process group. 0 if the group is outside this PID namespace.
    pub pgid: Option<i32>,
    /// The id of its session. 0 if the session is outside this PID namespace.
    pub sid: Option<i32>,
    /// Its name, at most 15 bytes on Linux. Invalid UTF-8 is replaced.
    pub name: Option<String>,
    /// Its arguments, the program first.
    pub command: Option<CommandLine>,
    /// The id of its effective user.
    pub user: Option<u32>,
    /// Its state, as the letter of `ps(1)`: `R`, `S`, `D`, `T`, `t`, `Z`, `X`, `I`.
    pub state: Option<char>,
    /// Its start time, with the resolution of the clock tick.
    pub start_time: Option<SystemTime>,
    /// Its token, by which it can be opened again.
    pub token: Option<Token>,
}

impl ProcessInfo {
    /// Makes the facts about a process of which only the pid is known.
    pub(crate) const fn unknown(pid: Pid) -> Self {
        Self {
            pid,
            ppid: None,
            pgid: None,
            sid: None,
            name: None,
            command: None,
            user: None,
            state: None,
            start_time: None,
            token: None,
        }
    }
}

/// The arguments of a process, the program first. Invalid UTF-8 is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(String);

impl CommandLine {
    /// Makes a command line of a text that has NULs between its arguments.
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the arguments.
    pub fn arguments(&self) -> impl Iterator<Item = &str> {
        self.0.split('\0')
    }
}

/// Returns the arguments with NULs between them. No argument has one.
impl From<CommandLine> for String {
    fn from(CommandLine(text): CommandLine) -> Self {
        text
    }
}
