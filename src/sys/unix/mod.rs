//! What Unix systems have in common.

pub(super) mod at_exit;
pub(super) mod call;
pub(super) mod errno;
pub(super) mod exit;
pub(super) mod signals;

/// Of what every platform provides, what is the same on all of them.
pub(super) mod shared {
    pub(crate) use super::{
        at_exit::at_exit,
        call::{own_parent, own_pid, session_of},
        errno::{EPERM, errno_name, errno_text, not_permitted, of_io as io_error, unsupported},
        signals::{
            SIGCONT, SIGKILL, SIGSTOP, SIGTERM, can_send, is_signal, named_signals, real_time_signals,
        },
    };

    #[cfg(test)]
    pub(crate) use super::testing::{KILLED, READER};
}

/// What there is for tests.
#[cfg(test)]
mod testing {
    use crate::{exit::Exit, signal::Signal};

    pub(crate) const READER: &str = "cat";

    pub(crate) const KILLED: Exit = Exit::Signal(Signal::KILL);
}
