//! The capabilities of this system.

use super::libproc;
use crate::types::Capabilities;

const LINUX_ONLY: &str =
    "pidfd, procSignal, proc, groupSignal, wait, info, exitInfo: available on Linux only";

/// Returns what this system supports, with the reason for what it does not.
pub(crate) fn capabilities() -> Capabilities {
    let race_free = libproc::has_audit_token_signal();
    let reason = if race_free {
        LINUX_ONLY.to_owned()
    } else {
        format!("{LINUX_ONLY}; raceFree: needs proc_signal_with_audittoken, which came with macOS 14.2")
    };
    Capabilities { race_free, reason: Some(reason), ..Capabilities::default() }
}
