//! A process for tests.

use std::{
    process::{Child, Command, Stdio},
    thread,
};

/// Reads until its input closes.
const READER: &str = if cfg!(windows) { "cmd" } else { "cat" };

/// `ERROR_INTERNAL_ERROR`. Wine returns it at times for a program that it can start. No other system has this number.
const INTERNAL_ERROR: i32 = 1359;

const MAX_TRIES: usize = 10;

/// Starts a process that exits when its input ends.
pub(crate) fn start_reader() -> Child {
    let mut command = Command::new(READER);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    for _ in 1..MAX_TRIES {
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(INTERNAL_ERROR) => thread::yield_now(),
            started => return started.unwrap(),
        }
    }
    command.spawn().unwrap()
}
