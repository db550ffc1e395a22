//! The systems that the simulated kernel can be, each with its facts.

use std::time::Duration;

/// What decides how the simulated kernel answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Linux 6.9 or later: a group can be signalled through the handle of its leader.
    Linux,
    /// No group can be signalled through the handle of a leader that was reaped.
    LinuxBefore69,
    MacOs,
    Windows,
}

impl System {
    pub(crate) const fn can_stop(self) -> bool {
        !matches!(self, Self::Windows)
    }

    pub(crate) const fn group_signal_is_atomic(self) -> bool {
        self.is_linux()
    }

    pub(crate) const fn orphans_keep_ppid(self) -> bool {
        matches!(self, Self::Windows)
    }

    pub(crate) const fn getsid_sees_zombies(self) -> bool {
        !matches!(self, Self::MacOs)
    }

    pub(crate) const fn is_linux(self) -> bool {
        matches!(self, Self::Linux | Self::LinuxBefore69)
    }

    pub(crate) const fn has_groups(self) -> bool {
        !matches!(self, Self::Windows)
    }

    /// In which start times are counted.
    pub(crate) const fn tick(self) -> Duration {
        match self {
            Self::Linux | Self::LinuxBefore69 => Duration::from_millis(10),
            Self::MacOs => Duration::from_micros(1),
            Self::Windows => Duration::from_nanos(100),
        }
    }

    /// Whether an open handle keeps the pid from being reused.
    pub(crate) const fn handles_pin_pids(self) -> bool {
        matches!(self, Self::Windows)
    }
}

/// What the table gets wrong on purpose, to show that the properties find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A pid is said to be the process's own after it was reaped.
    UnverifiedPids,
    /// It is not told that a process was made since the last scan.
    ForgottenForks,
}

/// A system as a type.
pub(crate) trait Simulation: 'static {
    const SYSTEM: System;
    const FAULT: Fault = Fault::None;
}

macro_rules! systems {
    ($($name:ident: $system:ident $(, $fault:ident)?;)*) => {$(
        pub(crate) enum $name {}
        impl Simulation for $name {
            const SYSTEM: System = System::$system;
            $(const FAULT: Fault = Fault::$fault;)?
        }
    )*};
}

systems! {
    Linux: Linux;
    LinuxBefore69: LinuxBefore69;
    MacOs: MacOs;
    Windows: Windows;
    UnverifiedPids: Linux, UnverifiedPids;
    ForgottenForks: Linux, ForgottenForks;
}
