//! The only door to the kernel. Nothing here allocates, so that nothing can fail for want of memory later.

#![allow(unsafe_code)] // no other module may use it; each block states why it is sound

mod error;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
mod memory;
mod processes;
mod program;
mod streams;
mod time;

pub(crate) use error::Errno;
#[cfg(target_os = "linux")]
pub(crate) use linux::{
    Directory, Disposition, Handle, Mask, Received, SignalDescriptor, Wanted, become_subreaper, block_all,
    close_all_but, end_with_parent, exit_like, fork_into_namespace, is_pending, is_same_file, joined,
    make_pending, mount_proc, open, open_directory, open_handle, open_watched, outlive_parent, pipe, poll,
    read_at, read_link, read_start, reap, receive, reset, restore, restore_mask, send, set_name, socket_pair,
    take_pending, user, wake_with_parent, write_file, write_now,
};
#[cfg(target_os = "macos")]
pub(crate) use macos::{
    Disposition, Event, Events, Mask, Queue, Sender, birth, block_all, close_all_but, end_with_parent,
    exit_like, is_running, is_stopped, list_all, list_children, pending, pipe, process, receive, reset,
    restore, restore_mask, send, socket_pair, start_of, stop_self, unique_id, wait_for_input, write_now,
};
#[cfg(target_os = "linux")]
pub(crate) use memory::Zero;
pub(crate) use memory::zeroed;
#[cfg(target_os = "macos")]
pub(crate) use memory::zeroed_shared;
pub(crate) use processes::{
    Change, Fork, Waited, change_to_root, exit, fork, group, group_of, kill, lead_session, own_pid,
    parent_pid, session, wait_next,
};
pub(crate) use program::{Arguments, execute};
pub(crate) use streams::{close, duplicate_stdin, is_empty, null_stdio, read, stderr, stdin, write};
pub(crate) use time::monotonic_milliseconds;
#[cfg(target_os = "linux")]
pub(crate) use time::ticks_since_boot;
