//! The only door to the kernel. Nothing here allocates, so that nothing can fail for want of memory later.
//!
//! The signal calls are raw: the sets of musl and of glibc leave out signals that they use themselves, and such a signal would
//! end the guard.

#![allow(unsafe_code)] // no other module may use it; each block states why it is sound

mod descriptors;
mod error;
mod files;
mod memory;
mod processes;
mod program;
mod signals;
mod time;

pub(crate) use descriptors::{
    Wanted, close, close_all_but, duplicate, joined, null_stdio, pipe, poll, read, receive, send,
    socket_pair, stderr, write, write_now,
};
pub(crate) use error::Errno;
pub(crate) use files::{Directory, open, open_directory, read_at, read_link, read_start, write_file};
pub(crate) use memory::zeroed;
pub(crate) use processes::{
    Change, Fork, Handle, Waited, become_subreaper, change_to_root, end_with_parent, exit, exit_like, fork,
    fork_into_namespace, group, group_of, kill, lead_session, mount_proc, open_handle, open_watched,
    outlive_parent, own_pid, parent_pid, session, set_name, user, wait_next, wake_with_parent,
};
pub(crate) use program::{Arguments, execute};
pub(crate) use signals::{
    Disposition, Mask, Received, SignalDescriptor, block_all, reset, restore, restore_mask, take_pending,
};
pub(crate) use time::monotonic_milliseconds;
