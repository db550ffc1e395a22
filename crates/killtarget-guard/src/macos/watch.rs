//! A watch: a process that waits for the exit of a host, and becomes the command then. It holds nothing together.
//!
//! Standard input is a file in which the host writes what the command has to know. If it is empty by then, there is nothing to do.
//!
//! The process is no child of the host, and has a session of its own: what ends the tree, the group or the session of the host
//! does not end it.

use std::os::fd::BorrowedFd;

use crate::{
    arguments::Options,
    common::{
        command::{FAILED, Inherited, exit_code_of},
        report::fail,
    },
    sys::{self, Errno, Event, Fork, Queue},
    types::{Identity, Signal},
};

/// Becomes the command once the host has exited, or at once if it has exited before.
pub(crate) fn run(inherited: &Inherited, options: &Options, stderr: Option<BorrowedFd<'static>>) -> ! {
    let Some(host) = options.parents.into_iter().flatten().next() else {
        fail(stderr, b"--watch", "expected --parent")
    };
    match sys::fork() {
        Ok(Fork::Child) => {}
        Ok(Fork::Parent(_)) => sys::exit(0),
        Err(error) => fail(stderr, b"cannot start", error.text()),
    }
    let _ = sys::lead_session();
    sys::change_to_root();
    sys::close_all_but([Some(sys::stdin())]);
    sys::null_stdio();
    if wait(host).is_err() {
        sys::exit(FAILED);
    }
    if sys::is_empty(sys::stdin()) {
        sys::exit(0);
    }
    sys::restore(Signal::CHLD, &inherited.at_child);
    sys::restore_mask(inherited.mask);
    let error = sys::execute(inherited.arguments, options.argv0);
    sys::exit(exit_code_of(error))
}

/// # Errors
/// It cannot be watched. That it has exited is none.
fn wait(host: Identity) -> Result<(), Errno> {
    // A queue is not inherited, so it is made after the fork.
    let queue = Queue::new()?;
    match queue.watch_exit(host.pid) {
        Err(Errno::ESRCH) => return Ok(()),
        watched => watched?,
    }
    if is_gone(host) {
        return Ok(());
    }
    let has_exited = |event| matches!(event, Event::Process { has_exited: true, .. });
    while !queue.wait(None).iter().any(has_exited) {}
    Ok(())
}

/// Returns whether the process with the pid is another one by now, or has exited. Asked once its exit is watched.
fn is_gone(Identity { pid, start }: Identity) -> bool {
    let Some(process) = sys::process(pid).filter(|process| !process.has_exited) else { return true };
    start.zip(sys::start_of(process.pid)).is_some_and(|(start, now)| start != now)
}
