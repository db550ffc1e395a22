//! Linux: pidfds where the kernel has them, `/proc` where it has not.

mod at_exit;
mod call;
mod capabilities;
mod clock;
mod errno;
mod exit;
mod group;
mod handle;
mod hold;
mod pidfd;
mod probe;
mod processes;
mod procfs;
mod signals;
mod spare;
mod stat;
mod wait;

pub(crate) use at_exit::at_exit;
pub(crate) use call::{group_of, own_parent, own_pid, session_of};
pub(crate) use capabilities::capabilities;
pub(crate) use clock::{Ticks, moment};
pub(crate) use errno::{EPERM, errno_name, errno_text, not_permitted, of_io as io_error, unsupported};
pub(crate) use group::Whose;
pub(crate) use handle::Handle;
pub(crate) use processes::{Listing, Sight};
pub(crate) use procfs::last_pid;
pub(crate) use signals::{SIGCONT, SIGKILL, SIGSTOP, SIGTERM, is_signal, named_signals, real_time_signals};
pub(crate) use spare::prepare;
pub(crate) use stat::Motion;
pub(crate) use wait::wait_for_any;

/// What Rust users get on Linux only.
pub(crate) mod public {
    pub use super::pidfd::Pidfd;
}
