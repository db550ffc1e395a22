//! A watch: a process that waits for the exit of a host, and becomes the command then. It holds nothing together.
//!
//! Standard input is a file in which the host writes what the command has to know. If it is empty by then, there is nothing to do.
//!
//! The process is no child of the host, and has a session of its own: what ends the tree, the group or the session of the host
//! does not end it.

use std::os::fd::BorrowedFd;

use super::{host::Host, hosts::Hosts};
use crate::{
    arguments::Options,
    common::{
        command::{Inherited, exit_code_of},
        report::fail,
    },
    sys::{self, Errno, Fork, Wanted},
    types::{MAX_HOSTS, Signal},
};

/// Becomes the command once a host has exited, or at once if it has exited before. The first process exits with 0 as soon as the
/// host is watched.
pub(crate) fn run(inherited: &Inherited, options: &Options, stderr: Option<BorrowedFd<'static>>) -> ! {
    let hosts = Hosts::open(options).ok();
    match begin() {
        Ok(Fork::Child) => {}
        Ok(Fork::Parent(_)) => sys::exit(0),
        Err(error) => fail(stderr, b"cannot start", error.text()),
    }
    // Its parent has exited, or will.
    if let Some(hosts) = hosts.map(|hosts| hosts.of_keeper(false)) {
        let kept = [Some(sys::stdin())];
        sys::close_all_but::<{ 1 + MAX_HOSTS }>(sys::joined(kept, hosts.as_fds()));
        sys::null_stdio();
        wait(&hosts);
    }
    if sys::is_empty(sys::stdin()) {
        sys::exit(0);
    }
    sys::restore(Signal::CHLD, &inherited.at_child);
    sys::restore_mask(inherited.mask);
    let error = sys::execute(inherited.arguments, options.argv0);
    sys::exit(exit_code_of(error))
}

fn begin() -> Result<Fork, Errno> {
    let fork = sys::fork()?;
    if matches!(fork, Fork::Child) {
        sys::set_name(c"kt-watch");
        sys::lead_session()?;
        sys::change_to_root();
    }
    Ok(fork)
}

fn wait(hosts: &Hosts) {
    let polled = || hosts.iter().filter(|host| host.as_fd().is_none());
    while !polled().any(Host::is_gone) {
        let files = hosts.as_fds().map(|file| file.map(|file| (file, Wanted::Input)));
        let interval = polled().filter_map(Host::poll_interval).min();
        if sys::poll::<MAX_HOSTS>(files, interval).contains(&true) {
            return;
        }
    }
}
