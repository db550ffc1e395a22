//! What this system can do, told to those who want to know.

use super::libproc;
use crate::types::Capabilities;

const OTHERS: &str = "pidfd, procSignal, proc, groupSignal, wait, info, exitInfo: Linux has these";

pub(crate) fn capabilities() -> Capabilities {
    let race_free = libproc::has_tokens();
    let reason = if race_free {
        OTHERS.to_owned()
    } else {
        format!("{OTHERS}; raceFree: there is no proc_signal_with_audittoken (macOS 14.2)")
    };
    Capabilities { race_free, reason: Some(reason), ..Capabilities::default() }
}
