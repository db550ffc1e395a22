//! What keeps a command's processes together, on each system.

use crate::argument_error::ArgumentError;

/// What keeps the command's processes together.
#[cfg(target_os = "macos")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// The guard finds them by birth, by session and by group.
    Session,
}

#[cfg(target_os = "macos")]
impl Isolation {
    pub(crate) const DEFAULT: Self = Self::Session;

    pub(crate) fn parse<'a>(argument: &'a [u8], value: &[u8]) -> Result<Self, ArgumentError<'a>> {
        match value {
            b"session" => Ok(Self::Session),
            b"reaper" | b"pid-namespace" => Err(ArgumentError::Unavailable(
                argument,
                "macOS has no subreapers and no PID namespaces, only --isolation=session",
            )),
            _ => Err(ArgumentError::WrongValue(argument)),
        }
    }

    pub(crate) const fn can_leave(self) -> bool {
        matches!(self, Self::Session)
    }
}

/// What keeps the command's processes together.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Orphans become children of the keeper.
    Reaper,
    /// The keeper is the first process of a PID namespace: the kernel ends all others with it.
    PidNamespace,
}

#[cfg(target_os = "linux")]
impl Isolation {
    pub(crate) const DEFAULT: Self = Self::Reaper;

    pub(crate) fn parse<'a>(argument: &'a [u8], value: &[u8]) -> Result<Self, ArgumentError<'a>> {
        match value {
            b"reaper" => Ok(Self::Reaper),
            b"pid-namespace" => Ok(Self::PidNamespace),
            _ => Err(ArgumentError::WrongValue(argument)),
        }
    }

    pub(crate) const fn can_leave(self) -> bool {
        matches!(self, Self::Reaper)
    }
}

/// What keeps the command's processes together.
#[cfg(windows)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// The kernel ends all with the last handle of a job, which the guard has.
    Job,
}

#[cfg(windows)]
impl Isolation {
    pub(crate) const DEFAULT: Self = Self::Job;

    pub(crate) fn parse<'a>(argument: &'a [u8], value: &[u8]) -> Result<Self, ArgumentError<'a>> {
        let unavailable = ArgumentError::Unavailable(argument, "Windows has jobs only: --isolation=job");
        if value == b"job" { Ok(Self::Job) } else { Err(unavailable) }
    }

    pub(crate) const fn can_leave(self) -> bool {
        matches!(self, Self::Job)
    }
}
