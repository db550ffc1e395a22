//! What can be wrong with a command line.

/// Why a command line was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentError<'a> {
    NoCommand,
    UnknownOption(&'a [u8]),
    /// The option, with its value if it has one.
    WrongValue(&'a [u8]),
    /// The system has no such isolation. The option, and what it has.
    #[cfg(not(target_os = "linux"))]
    Unavailable(&'a [u8], &'static str),
    /// The kernel ends all processes of a PID namespace with the first one.
    CannotLeave,
}

impl<'a> ArgumentError<'a> {
    /// Returns what a message names, and what it says of that.
    pub(crate) const fn message(self) -> (&'a [u8], &'static str) {
        match self {
            Self::NoCommand => (b"command", "expected a command to start"),
            Self::UnknownOption(option) => (option, "no such option"),
            Self::WrongValue(option) => (option, "wrong value"),
            #[cfg(not(target_os = "linux"))]
            Self::Unavailable(option, available) => (option, available),
            Self::CannotLeave => (b"--leftovers=leave", "the processes of a PID namespace end with it"),
        }
    }
}
