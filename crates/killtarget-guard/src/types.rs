//! Plain values. No system call.

/// A pid that a signal may be sent to: neither 0 and negative numbers, which address groups, nor 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pid(i32);

impl Pid {
    /// Returns `None` for a number below 2.
    pub(crate) const fn new(raw: i32) -> Option<Self> {
        if raw > 1 { Some(Self(raw)) } else { None }
    }

    pub(crate) const fn raw(self) -> i32 {
        self.0
    }
}

/// The first signals have the same numbers everywhere, the others those of BSD here.
pub(crate) const IS_MACOS: bool = cfg!(target_os = "macos");

/// A signal of the kernel's numbering, real-time signals included where there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signal(u8);

impl Signal {
    #[cfg(target_os = "linux")]
    pub(crate) const HUP: Self = Self(1);
    pub(crate) const KILL: Self = Self(9);
    pub(crate) const TERM: Self = Self(15);
    pub(crate) const CHLD: Self = Self(if IS_MACOS { 20 } else { 17 });
    pub(crate) const CONT: Self = Self(if IS_MACOS { 19 } else { 18 });
    pub(crate) const STOP: Self = Self(if IS_MACOS { 17 } else { 19 });

    /// Those that the terminal sends: HUP, INT, QUIT, CONT, TSTP, TTIN, TTOU, WINCH.
    #[cfg(target_os = "linux")]
    pub(crate) const OF_TERMINAL: [Self; 8] =
        [Self(1), Self(2), Self(3), Self(18), Self(20), Self(21), Self(22), Self(28)];

    /// SIGTSTP and SIGTTIN. SIGTTOU is the mark, and SIGSTOP shows nowhere.
    #[cfg(target_os = "linux")]
    pub(crate) const STOPS: [Self; 2] = [Self(20), Self(21)];

    /// Pending for the first thread of the guard since its last SIGCONT, which discards it.
    #[cfg(target_os = "linux")]
    pub(crate) const MARK: Self = Self(22); // SIGTTOU

    /// Carries requests, if it was queued with a magic value.
    #[cfg(target_os = "linux")]
    pub(crate) const REQUEST: Self = Self(63);

    #[cfg(target_os = "linux")]
    const FIRST_REAL_TIME: u8 = 32;
    const MAX: u8 = if IS_MACOS { 31 } else { 64 };

    /// Returns `None` for a number that is no signal.
    pub(crate) fn new(raw: i32) -> Option<Self> {
        u8::try_from(raw).ok().filter(|number| (1..=Self::MAX).contains(number)).map(Self)
    }

    pub(crate) fn raw(self) -> i32 {
        i32::from(self.0)
    }

    /// Whether it stops a process that has no handler for it.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_stop(self) -> bool {
        Self::STOPS.contains(&self)
    }

    /// Those that it discards where they are pending, but for the mark.
    #[cfg(target_os = "linux")]
    pub(crate) fn discards(self) -> &'static [Self] {
        match self {
            Self::CONT => &Self::STOPS,
            _ if self.is_stop() => &[Self::CONT],
            _ => &[],
        }
    }

    /// Whether it is queued as often as it is sent.
    #[cfg(target_os = "linux")]
    pub(crate) const fn is_real_time(self) -> bool {
        self.0 >= Self::FIRST_REAL_TIME
    }
}

/// How a process has exited, as `waitpid` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Code(u8),
    Signal(Signal),
}

/// What is done with the processes of a command that still run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The signal of the options, the grace period, then SIGKILL.
    Terminate,
    /// SIGKILL at once.
    Kill,
}

/// How many hosts a command may have: a package runner, a shell and the process that started them, and one to spare.
pub(crate) const MAX_HOSTS: usize = 4;

/// A process on which the life of the command depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// At least 1: the host may be the first process of a container.
    pub(crate) pid: i32,
    /// The start time. Linux: in clock ticks, field 22 of `/proc/PID/stat`. macOS: in microseconds since 1970. `None` if only the
    /// pid is known.
    pub(crate) start: Option<u64>,
}

/// A process, as a scan has found it.
#[cfg(any(test, target_os = "macos"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// No other process ever gets it.
    pub(crate) id: u64,
    /// exec changes it.
    pub(crate) version: i32,
    /// The unique id of the process that forked it, until it was reparented and calls exec.
    pub(crate) parent_id: u64,
    /// The version that the process that forked it had then. 0 if the system does not tell.
    pub(crate) parent_version: i32,
    pub(crate) group: i32,
    /// 0 if it is not known.
    pub(crate) session: i32,
    /// A zombie.
    pub(crate) has_exited: bool,
}

/// A process that the command has started, or the command.
#[cfg(any(test, target_os = "macos"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// 0 marks a free place.
    pub(crate) id: u64,
    pub(crate) pid: i32,
    /// The version that it had when it was found, and the last one that was seen.
    pub(crate) versions: [i32; 2],
    pub(crate) mark: Mark,
}

/// What has become of a member.
#[cfg(any(test, target_os = "macos"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Mark {
    None = 0,
    /// It got the signal that asks it to exit.
    Asked,
    /// It had exited when it was found.
    Gone,
}
