//! What the running kernel can do for a target.

/// Each is found out by doing it to this process itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // a report, not a state
pub struct Capabilities {
    /// Processes are held by `pidfd_open(2)` and signalled through it (Linux 5.3).
    pub pidfd: bool,
    /// An open `/proc/PID` directory is taken by `pidfd_send_signal(2)` (Linux 5.1).
    pub proc_signal: bool,
    /// `/proc` is there and is that of this PID namespace.
    pub proc: bool,
    /// A process group can be signalled through a handle, after its leader was reaped too (Linux 6.9).
    pub group_signal: bool,
    /// A child can be waited for through its handle (Linux 5.4).
    pub wait: bool,
    /// Facts about a process can be read through its handle (Linux 6.13).
    pub info: bool,
    /// How any process ended can be read through its handle, after it was reaped too (Linux 6.15).
    pub exit_info: bool,
    /// A target that is opened now is signalled without a race.
    pub race_free: bool,
    /// Why what is missing is missing. None where nothing is.
    pub reason: Option<String>,
}
