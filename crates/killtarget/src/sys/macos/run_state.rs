//! What a process is at, by `p_stat` (xnu, `bsd/sys/proc.h`) and by what its threads are at (`osfmk/mach/thread_info.h`).

use crate::sys::types::RunState;

const SIDL: u32 = 1;
const SRUN: u32 = 2;
const SSLEEP: u32 = 3;
const SSTOP: u32 = 4;
const SZOMB: u32 = 5;

const TH_STATE_RUNNING: i32 = 1;
#[cfg(test)]
const TH_STATE_STOPPED: i32 = 2;
#[cfg(test)]
const TH_STATE_WAITING: i32 = 3;
const TH_STATE_UNINTERRUPTIBLE: i32 = 4;
#[cfg(test)]
const TH_STATE_HALTED: i32 = 5;

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

/// A process is stopped as a whole, but not in the middle of a call, of `fork(2)`, say: each thread goes on to the end of that
/// first. (xnu, `stop`: `task_suspend_internal`, and `thread_apc_ast`, where a thread that is suspended waits.) `threads` are
/// what its threads are at.
pub(super) fn run_state(status: u32, threads: impl FnOnce() -> Vec<i32>) -> RunState {
    match status {
        SSTOP if threads().into_iter().any(is_in_call) => RunState::Uninterruptible,
        SSTOP | SZOMB => RunState::Stopped,
        _ => RunState::Running,
    }
}

/// Whether a thread of who is stopped may be in the middle of a call. One that waits for something that a signal interrupts
/// can't be told from one that is suspended, and neither does anything.
fn is_in_call(state: i32) -> bool {
    matches!(state, TH_STATE_RUNNING | TH_STATE_UNINTERRUPTIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_stopped_or_over_does_nothing() {
        let at_rest = || vec![TH_STATE_WAITING];
        let found =
            [SIDL, SRUN, SSLEEP, SSTOP, SZOMB, 6].map(|status| (letter(status), run_state(status, at_rest)));
        assert_eq!(
            found,
            [
                (Some('I'), RunState::Running),
                (Some('R'), RunState::Running),
                (Some('S'), RunState::Running),
                (Some('T'), RunState::Stopped),
                (Some('Z'), RunState::Stopped),
                (None, RunState::Running),
            ]
        );
        assert!(is_zombie(SZOMB) && !is_zombie(SSTOP));
    }

    #[test]
    fn who_is_stopped_in_the_middle_of_a_call_ends_that_first() {
        for (threads, stopped) in [
            (&[][..], RunState::Stopped),
            (&[TH_STATE_WAITING, TH_STATE_STOPPED, TH_STATE_HALTED], RunState::Stopped),
            (&[TH_STATE_WAITING, TH_STATE_RUNNING], RunState::Uninterruptible),
            (&[TH_STATE_UNINTERRUPTIBLE, TH_STATE_WAITING], RunState::Uninterruptible),
        ] {
            assert_eq!(run_state(SSTOP, || threads.to_vec()), stopped, "{threads:?}");
            assert_eq!(run_state(SZOMB, || threads.to_vec()), RunState::Stopped, "{threads:?}");
            assert_eq!(run_state(SSLEEP, || threads.to_vec()), RunState::Running, "{threads:?}");
        }
    }
}
