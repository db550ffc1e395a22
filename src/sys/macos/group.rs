//! Signalling the process group that a process leads or led, by its number, while that is known to be the group's: no process
//! is given the number of a group or session that has members. (xnu, `bsd/kern/kern_fork.c`: `pgrp_find`, `session_find`.)

use nix::errno::Errno;

use super::{call, errno, handle::Handle, unix_call};
use crate::{delivery::Delivery, error::Error, pid::Pid, signal::Signal, sys::Whose};

/// Signals the group whose id is the number of the handle's process.
pub(super) fn signal(handle: &Handle, signal: Signal) -> Result<Delivery, Error> {
    let group = handle.pid();
    if !handle.is_unreaped()? {
        return after_the_leader(group);
    }
    match unix_call::kill_group(group, signal.as_raw()) {
        Ok(()) => Ok(Delivery::Delivered),
        // No group has the number, while its process is there: it leads none.
        Err(Errno::ESRCH) if handle.is_unreaped()? => Err(Error::NotGroupLeader(group)),
        Err(Errno::ESRCH) => Ok(Delivery::Gone),
        // Who is ending can't be signalled by anyone.
        Err(Errno::EPERM) => match is_over(group) {
            Some(true) => Ok(Delivery::Gone),
            None if call::is_ending(group) == Ok(true) => Err(unsupported()),
            _ => Err(errno::of("kill")(Errno::EPERM)),
        },
        // Group 1, whose number kill(2) can't say.
        Err(Errno::EINVAL) => Err(unsupported()),
        Err(errno) => Err(errno::of("kill")(errno)),
    }
}

/// Whether the group that has the number of the handle's process is the one that this process leads or led.
pub(super) fn whose(handle: &Handle) -> Result<Whose, Error> {
    if handle.is_unreaped()? {
        return Ok(Whose::Own);
    }
    // The number was given away, so the group had ended before.
    Ok(if is_given(handle.pid()) { Whose::Others } else { Whose::Unknown })
}

/// What can be said of a group by its number alone, once nothing pins that: nothing is sent.
fn after_the_leader(group: Pid) -> Result<Delivery, Error> {
    let over = is_given(group)
        || unix_call::kill_group(group, 0) == Err(Errno::ESRCH)
        || is_over(group) == Some(true);
    // If not over it may be ours, or one whose leader took the number and has ended since.
    if over { Ok(Delivery::Gone) } else { Err(unsupported()) }
}

fn is_given(pid: Pid) -> bool {
    unix_call::kill(pid, 0) != Err(Errno::ESRCH) || !matches!(call::unique(pid), Ok(None))
}

/// Whether all in the group are ending, or zombies. `None`: they can't be listed.
fn is_over(group: Pid) -> Option<bool> {
    let is_ending = |pid: &Pid| call::is_ending(*pid) == Ok(true);
    call::members(group).map(|members| members.iter().all(is_ending))
}

fn unsupported() -> Error {
    errno::unsupported("killpg")
}
