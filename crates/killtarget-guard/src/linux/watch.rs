//! A watch: a process that waits for the exit of a host, and runs the command then. It holds nothing together.
//!
//! Standard input is a file in which the host writes what the command has to know. If it is empty by then, there is nothing to do.
//!
//! The process is no child of the host, and has a session of its own: what ends the tree, the group or the session of the host
//! does not end it.

use std::os::fd::{AsFd, BorrowedFd};

use super::{
    host::{Host, NoHost},
    hosts::Hosts,
};
use crate::{
    arguments::Options,
    common::{
        command::{FAILED, Inherited, exit_code_of},
        report::fail,
    },
    sys::{self, Change, Errno, Fork, Waited, Wanted},
    types::{MAX_HOSTS, Signal, Status},
};

/// How often the command is tried, if it fails: at the limit of processes, or of memory, it may work later.
const MAX_ATTEMPTS: u32 = 60;

/// The intervals in milliseconds between the attempts.
const MIN_INTERVAL: u32 = 50;
const MAX_INTERVAL: u32 = 1000;

/// The interval in milliseconds at which the command's exit is looked for.
const WAIT_INTERVAL: u32 = 20;

/// Runs the command once a host has exited, or at once if it has exited before. The first process exits with 0 as soon as the
/// host is watched.
pub(crate) fn run(inherited: &Inherited, options: &Options, stderr: Option<BorrowedFd<'static>>) -> ! {
    let hosts = match Hosts::open(options) {
        Ok(hosts) => Some(hosts),
        Err(NoHost::Gone) => None,
        Err(refusal) => fail(stderr, b"host", refusal.text()),
    };
    if let Err(error) = begin() {
        fail(stderr, b"cannot start", error.text())
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
    let mut interval = MIN_INTERVAL;
    for _ in 0..MAX_ATTEMPTS {
        if attempt(inherited, options) {
            sys::exit(0);
        }
        sys::poll::<1>([None], Some(interval));
        interval = (interval * 2).min(MAX_INTERVAL);
    }
    sys::exit(FAILED)
}

/// Runs the command. Returns whether it has exited with 0.
fn attempt(inherited: &Inherited, options: &Options) -> bool {
    match sys::fork() {
        Ok(Fork::Child) => {
            sys::restore(Signal::CHLD, &inherited.at_child);
            sys::restore_mask(inherited.mask);
            let error = sys::execute(inherited.arguments, options.argv0);
            sys::exit(exit_code_of(error))
        }
        Ok(Fork::Parent(command)) => loop {
            match sys::wait_next() {
                Waited::Child(pid, Change::Exited(status)) if pid == command.raw() => {
                    return status == Status::Code(0);
                }
                Waited::NoChildren => return false,
                _ => {}
            }
            sys::poll::<1>([None], Some(WAIT_INTERVAL));
        },
        Err(_) => false,
    }
}

/// Goes on in a process of its own. The first one exits as soon as that has left the session of the host.
fn begin() -> Result<(), Errno> {
    let (left, leaves) = sys::pipe()?;
    match sys::fork()? {
        Fork::Parent(_) => {
            drop(leaves);
            let is_ready = sys::read(left.as_fd(), &mut [0]) == 1;
            sys::exit(if is_ready { 0 } else { FAILED })
        }
        Fork::Child => {
            sys::set_name(c"kt-watch");
            sys::lead_session()?;
            sys::change_to_root();
            sys::write(leaves.as_fd(), b"x");
            Ok(())
        }
    }
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
