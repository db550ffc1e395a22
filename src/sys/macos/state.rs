//! What a process is at, by `p_stat`. (xnu, `bsd/sys/proc.h`)

use crate::sys::Motion;

const SIDL: u32 = 1;
const SRUN: u32 = 2;
const SSLEEP: u32 = 3;
const SSTOP: u32 = 4;
const SZOMB: u32 = 5;

pub(super) fn is_zombie(status: u32) -> bool {
    status == SZOMB
}

/// The letter that `ps(1)` has for it.
pub(super) fn letter(status: u32) -> Option<char> {
    match status {
        SIDL => Some('I'),
        SRUN => Some('R'),
        SSLEEP => Some('S'),
        SSTOP => Some('T'),
        SZOMB => Some('Z'),
        _ => None,
    }
}

/// A process is stopped as a whole: its task is suspended.
pub(super) fn motion(status: u32) -> Motion {
    match status {
        SSTOP | SZOMB => Motion::Stopped,
        _ => Motion::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_stopped_or_over_does_nothing() {
        let found = [SIDL, SRUN, SSLEEP, SSTOP, SZOMB, 6].map(|status| (letter(status), motion(status)));
        assert_eq!(
            found,
            [
                (Some('I'), Motion::Running),
                (Some('R'), Motion::Running),
                (Some('S'), Motion::Running),
                (Some('T'), Motion::Stopped),
                (Some('Z'), Motion::Stopped),
                (None, Motion::Running),
            ]
        );
        assert!(is_zombie(SZOMB) && !is_zombie(SSTOP));
    }
}
