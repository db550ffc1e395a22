//! The capabilities of Windows.

use crate::types::Capabilities;

/// Returns what Windows supports. Nothing is probed: Windows 8 has every call that is used.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        wait: true,
        info: true,
        exit_info: true,
        race_free: true,
        reason: Some(
            "pidfd, procSignal, proc: available on Linux only, Windows has process handles; groupSignal: Windows has no \
             process groups"
                .to_owned(),
        ),
        ..Capabilities::default()
    }
}
