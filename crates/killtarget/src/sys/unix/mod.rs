//! Code that all Unix systems share.

pub(super) mod at_exit;
pub(super) mod errno;
pub(super) mod guard_program;
pub(super) mod process;
pub(super) mod replace;
pub(super) mod signals;
pub(super) mod wait_status;

/// The items of the platform contract that are the same on all Unix systems.
pub(super) mod shared {
    pub(crate) use super::{
        at_exit::at_exit,
        errno::{EPERM, errno_name, errno_text, not_permitted, of_io as io_error, unsupported},
        guard_program::{guard_program, library},
        process::{may_be_in_group, may_be_in_session, own_parent, own_pid},
        replace::replace_process,
        signals::{
            SIGCONT, SIGKILL, SIGSTOP, SIGTERM, can_send, is_signal, named_signals, real_time_signals,
        },
    };

    #[cfg(test)]
    pub(crate) use super::testing::KILLED;
}

/// A constant for tests.
#[cfg(test)]
mod testing {
    use crate::types::{Exit, Signal};

    pub(crate) const KILLED: Exit = Exit::Signal(Signal::KILL);
}
