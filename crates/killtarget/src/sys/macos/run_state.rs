//! The run state of a process, from the state of the process and the states of its threads.

use crate::sys::types::RunState;

/// `p_stat`. (xnu, `bsd/sys/proc.h`)
const SIDL: u32 = 1;
const SRUN: u32 = 2;
const SSLEEP: u32 = 3;
const SSTOP: u32 = 4;
const SZOMB: u32 = 5;

/// xnu, `osfmk/mach/thread_info.h`.
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

/// Returns the letter that `ps(1)` shows for a state.
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

/// Returns the run state of a process, from its `p_stat` and its threads' `TH_STATE_*`.
///
/// The kernel stops a process as a whole. But a thread first completes the system call that it is in, a `fork(2)`
/// included. (xnu, `stop`: `task_suspend_internal`; a suspended thread waits in `thread_apc_ast`.)
pub(super) fn run_state(status: u32, thread_states: impl FnOnce() -> Vec<i32>) -> RunState {
    match status {
        SSTOP if thread_states().into_iter().any(may_be_in_syscall) => RunState::Uninterruptible,
        SSTOP | SZOMB => RunState::Stopped,
        _ => RunState::Running,
    }
}

/// Returns whether a thread of a stopped process may still be in a system call.
///
/// An interruptible wait looks like a suspended thread. It is counted as suspended: neither does anything.
fn may_be_in_syscall(state: i32) -> bool {
    matches!(state, TH_STATE_RUNNING | TH_STATE_UNINTERRUPTIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_process_and_a_zombie_count_as_stopped() {
        let threads = || vec![TH_STATE_WAITING];
        let states =
            [SIDL, SRUN, SSLEEP, SSTOP, SZOMB, 6].map(|status| (letter(status), run_state(status, threads)));
        assert_eq!(
            states,
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
    fn a_stopped_process_with_a_thread_in_a_system_call_is_uninterruptible() {
        for (threads, if_stopped) in [
            (&[][..], RunState::Stopped),
            (&[TH_STATE_WAITING, TH_STATE_STOPPED, TH_STATE_HALTED], RunState::Stopped),
            (&[TH_STATE_WAITING, TH_STATE_RUNNING], RunState::Uninterruptible),
            (&[TH_STATE_UNINTERRUPTIBLE, TH_STATE_WAITING], RunState::Uninterruptible),
        ] {
            assert_eq!(run_state(SSTOP, || threads.to_vec()), if_stopped, "{threads:?}");
            assert_eq!(run_state(SZOMB, || threads.to_vec()), RunState::Stopped, "{threads:?}");
            assert_eq!(run_state(SSLEEP, || threads.to_vec()), RunState::Running, "{threads:?}");
        }
    }
}
