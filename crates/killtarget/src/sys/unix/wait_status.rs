//! Decodes the exit status in the format of `wait(2)`.

use crate::types::{Exit, Signal};

/// Decodes a status. Bits 0 to 6 are the signal. Bit 7 tells of a core dump. Bits 8 to 15 are the code.
pub(in crate::sys) fn from_wait_status(status: i32) -> Exit {
    match status & 0x7f {
        0 => Exit::Code((status >> 8) & 0xff),
        signal => Signal::new(signal).map_or(Exit::Unknown, Exit::Signal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::unix::signals::real_time_signals;

    #[test]
    fn a_status_is_decoded_to_a_code_or_a_signal() {
        let (first, _) = real_time_signals();
        for (status, exit) in [
            (0, Exit::Code(0)),
            (9472, Exit::Code(37)),
            (0xff00, Exit::Code(255)),
            (9, Exit::Signal(Signal::KILL)),
            (15, Exit::Signal(Signal::TERM)),
            (0x80 | 6, Exit::Signal(Signal::from_name("SIGABRT").unwrap())),
            (first + 3, Exit::Signal(Signal::from_name("SIGRTMIN+3").unwrap())),
        ] {
            assert_eq!(from_wait_status(status), exit, "{status:#x}");
        }
    }
}
