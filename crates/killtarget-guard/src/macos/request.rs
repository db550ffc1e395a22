//! A request from another process: a signal that nothing else sends.
//!
//! macOS has no signals that carry a value. A socket or a file in a folder could be missing, and would have to be looked after.
//! SIGEMT is what is left: its only other source is a trap of processors that macOS never ran on, and Node.js has no name for it.
//! So it is not passed on to the command. A process that may send it may send SIGKILL as well, and gains nothing by it: the guard
//! ends all that it has started.
//!
//! A command that waits begins at a SIGCONT. It runs no code before, so the signal has no other meaning then.

use crate::types::Signal;

const SIGEMT: i32 = 7;

/// Returns whether a signal asks for SIGKILL to all.
pub(crate) fn is_kill(signal: Signal) -> bool {
    signal.raw() == SIGEMT
}

/// Returns whether a signal lets a command begin that waits for it.
pub(crate) fn is_begin(signal: Signal) -> bool {
    signal == Signal::CONT
}
