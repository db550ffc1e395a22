//! Linux: pidfds where the kernel has them, `/proc` where it has not.

mod call;
mod capabilities;
mod clock;
mod errno;
mod exit;
mod group;
mod handle;
mod pidfd;
mod probe;
mod procfs;
mod signals;
mod spare;
mod stat;

pub(crate) use call::{group_of, own_parent, own_pid};
pub(crate) use capabilities::capabilities;
pub(crate) use errno::{errno_name, errno_text, of_io as io_error};
pub(crate) use handle::Handle;
pub(crate) use signals::{SIGKILL, SIGTERM, is_signal, named_signals, real_time_signals};
pub(crate) use spare::prepare;

/// What Rust users get on Linux only.
pub(crate) mod public {
    pub use super::pidfd::Pidfd;
}
