//! What can be done here, told to those who want to know.

use crate::types::Capabilities;

/// Nothing has to be tried: all that is used has been there since Windows Vista.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        wait: true,
        info: true,
        exit_info: true,
        race_free: true,
        reason: Some(
            "pidfd, procSignal, proc: Linux has these, and Windows process handles; groupSignal: Windows has no process \
             groups"
                .to_owned(),
        ),
        ..Capabilities::default()
    }
}
