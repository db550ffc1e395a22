//! What only macOS has, or has in another way.

mod audit_token;
mod descriptors;
mod libproc;
mod processes;
mod queue;
mod signals;

pub(crate) use descriptors::{close_all_but, pipe, receive, send, socket_pair, wait_for_input, write_now};
pub(crate) use libproc::{birth, is_running, list_all, list_children, process, start_of, unique_id};
pub(crate) use processes::{Sender, end_with_parent, exit_like, is_stopped, stop_self};
pub(crate) use queue::{Event, Events, Queue};
pub(crate) use signals::{Disposition, Mask, block_all, pending, reset, restore, restore_mask};
