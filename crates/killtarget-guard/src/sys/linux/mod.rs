//! What only Linux has, or has in another way.
//!
//! The signal calls are raw: the sets of musl and of glibc leave out signals that they use themselves, and such a signal would
//! end the guard.

mod descriptors;
mod files;
mod processes;
mod signals;

pub(crate) use descriptors::{
    Wanted, close_all_but, joined, pipe, poll, receive, send, socket_pair, write_now,
};
pub(crate) use files::{
    Directory, is_same_file, open, open_directory, read_at, read_link, read_start, write_file,
};
pub(crate) use processes::{
    Handle, become_subreaper, end_with_parent, exit_like, fork_into_namespace, mount_proc, open_handle,
    open_watched, outlive_parent, reap, set_name, user, wake_with_parent,
};
pub(crate) use signals::{
    Disposition, Mask, Received, SignalDescriptor, block_all, is_pending, make_pending, reset, restore,
    restore_mask, take_pending,
};
