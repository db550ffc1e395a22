//! The only door to Windows.

#![allow(unsafe_code)] // no other module may use it; each block states why it is sound
#![allow(clippy::cast_possible_truncation)] // the sizes of structs are small

mod console;
mod error;
mod input;
mod job;
mod objects;
mod process;
mod program;
mod start;

pub(super) use console::{has_console, ignore_console_events, write_error};
pub(super) use error::Code;
pub(super) use input::{is_input_empty, watch_input};
pub(super) use job::Job;
pub(super) use objects::{Event, Shared, Waitable, pause, wait_any};
pub(super) use process::{Process, exit, own_creation_time, own_pid, parent_pid};
pub(super) use program::{Program, command_line, is_file, variable};
pub(super) use start::Start;
