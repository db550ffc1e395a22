//! What the running kernel supports.

/// Reports what the running kernel supports. The core tries each call on this process, as version numbers prove little.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // a report, not a state
pub struct Capabilities {
    /// `pidfd_open(2)` opens a process, and `pidfd_send_signal(2)` signals it through the pidfd (Linux 5.3).
    pub pidfd: bool,
    /// `pidfd_send_signal(2)` accepts an open `/proc/PID` directory (Linux 5.1).
    pub proc_signal: bool,
    /// `/proc` is available and belongs to this PID namespace.
    pub proc: bool,
    /// A process group can be signalled through a handle, even after its leader was reaped (Linux 6.9).
    pub group_signal: bool,
    /// `waitid(2)` accepts the handle of a child (Linux 5.4).
    pub wait: bool,
    /// Facts about a process can be read through its handle (Linux 6.13).
    pub info: bool,
    /// The exit status of any process can be read through its handle after the process was reaped (Linux 6.15).
    pub exit_info: bool,
    /// A target that is opened now is signalled without a race.
    pub race_free: bool,
    /// Why each missing capability is missing. `None` if all are present.
    pub reason: Option<String>,
}
