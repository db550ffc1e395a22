//! The command's process, until it is the command.

use std::os::fd::{AsFd, OwnedFd};

use super::pause;
use crate::{
    arguments::{Begin, Options},
    sys::{self, Arguments, Disposition, Errno, Mask},
    types::Signal,
};

/// What the command inherits, as the guard has inherited it.
pub(crate) struct Inherited<'a> {
    pub(crate) arguments: Arguments<'a>,
    pub(crate) mask: Mask,
    pub(crate) at_child: Disposition,
}

/// The exit codes of env(1). The first one: the guard itself has failed.
pub(crate) const FAILED: u8 = 125;
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

pub(crate) fn exit_code_of(error: Errno) -> u8 {
    if error == Errno::ENOENT { NOT_FOUND } else { NOT_EXECUTABLE }
}

/// Becomes the command, once the keeper opens the gate. Writes why it could not.
pub(crate) fn run(
    inherited: &Inherited,
    options: &Options,
    keeper: i32,
    gate: &OwnedFd,
    failure: &OwnedFd,
) -> ! {
    pause::at("command");
    // The keeper has exited if there is nothing to read.
    if sys::read(gate.as_fd(), &mut [0]) != 1 {
        sys::exit(NOT_EXECUTABLE);
    }
    pause::at("let");
    if options.begin == Begin::Never {
        sys::exit(0);
    }
    // If guard and keeper are ended at once, this ends the command at least.
    sys::end_with_parent();
    if sys::parent_pid() != keeper {
        sys::exit(NOT_EXECUTABLE);
    }
    let error = match if options.session { sys::lead_session() } else { Ok(()) } {
        Ok(()) => {
            sys::restore(Signal::CHLD, &inherited.at_child);
            sys::restore_mask(inherited.mask);
            pause::at("execute");
            sys::execute(inherited.arguments, options.argv0)
        }
        Err(error) => error,
    };
    sys::write(failure.as_fd(), &error.raw().to_ne_bytes());
    sys::exit(exit_code_of(error))
}
