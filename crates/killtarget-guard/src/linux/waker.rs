//! Continues a stopped guard, if the keeper is killed meanwhile.
//!
//! While the command is stopped the guard is stopped with it, and could not take over. So the keeper starts a process for that
//! time, which the kernel wakes at the keeper's exit.

use std::os::fd::AsFd;

use crate::{
    sys::{self, Errno, Fork, Handle, SignalDescriptor, Wanted},
    types::{Pid, Signal},
};

/// Starts the process. Returns its pid.
pub(crate) fn start(guard: &Handle, signals: &SignalDescriptor) -> Result<Pid, Errno> {
    let keeper = sys::own_pid();
    match sys::fork()? {
        Fork::Parent(pid) => Ok(pid),
        Fork::Child => wait_for_exit_of(keeper, guard, signals),
    }
}

fn wait_for_exit_of(keeper: i32, guard: &Handle, signals: &SignalDescriptor) -> ! {
    sys::set_name(c"kt-waker");
    // The guard notices the exit of the keeper by the end of their connection, of which this process has a copy.
    sys::close_all_but([Some(signals.as_fd()), guard.as_fd()]);
    sys::wake_with_parent();
    while sys::parent_pid() == keeper {
        sys::poll([Some((signals.as_fd(), Wanted::Input))], None);
        signals.discard();
    }
    let _ = guard.signal(Signal::CONT);
    sys::exit(0)
}
