//! Signalling the process group that a process leads or led.
//!
//! A group's number belongs to it while it has members, and to its leader until that is reaped: no other process,
//! group or session gets the number before both are over. (`alloc_pid` in the kernel hands out numbers that have no
//! `struct pid`, and all of these hold one.)

use nix::errno::Errno;

use super::{
    call, errno,
    handle::Handle,
    number::{Numbered, numbered},
    pidfd::{self, To},
    probe,
};
use crate::{delivery::Delivery, error::Error, pid::Pid, signal::Signal, sys::Whose};

/// Signals the group whose id is the number of the handle's process.
pub(super) fn signal(handle: &Handle, signal: Signal) -> Result<Delivery, Error> {
    match handle.signal_fd() {
        Some(fd) if probe::group_signal().is_ok() => {
            let sent = pidfd::send(fd, signal.as_raw(), To::Group);
            told(handle, sent, "pidfd_send_signal")
        }
        _ if handle.is_unreaped()? => {
            let sent = call::kill_group(handle.pid(), signal.as_raw());
            told(handle, sent, "kill")
        }
        _ => after_the_leader(handle.pid()),
    }
}

/// Whether nothing is signalled by number where a group is.
pub(super) fn race_free(handle: &Handle) -> bool {
    handle.signal_fd().is_some() && probe::group_signal().is_ok()
}

/// Whether the group that has the number of the handle's process is the one that this process leads or led. What was
/// read of the group before that is then about it: once the number is free, it never comes back to this group.
pub(super) fn whose(handle: &Handle) -> Result<Whose, Error> {
    if handle.is_unreaped()? {
        return Ok(Whose::Own);
    }
    match handle.signal_fd() {
        Some(fd) if probe::group_signal().is_ok() => match pidfd::send(fd, 0, To::Group) {
            Err(Errno::ESRCH) => Ok(Whose::Others),
            _ => Ok(Whose::Own),
        },
        // The number was given away, so the group had ended before.
        _ if numbered(handle.pid()) != Numbered::Nothing => Ok(Whose::Others),
        _ => Ok(Whose::Unknown),
    }
}

/// Whether the session that has the number of the handle's process is the one that this process leads or led, as for
/// [`whose`]. While the group of that number has members, so has its session; without them the session may go on in others.
pub(super) fn whose_session(handle: &Handle) -> Result<Whose, Error> {
    match whose(handle)? {
        Whose::Others if numbered(handle.pid()) == Numbered::Nothing => Ok(Whose::Unknown),
        whose => Ok(whose),
    }
}

fn told(handle: &Handle, sent: Result<(), Errno>, syscall: &'static str) -> Result<Delivery, Error> {
    match sent {
        Ok(()) => Ok(Delivery::Delivered),
        // No group has the number, while its process is there: it leads none.
        Err(Errno::ESRCH) if handle.is_unreaped()? => Err(Error::NotGroupLeader(handle.pid())),
        Err(Errno::ESRCH) => Ok(Delivery::Gone),
        // Group 1, whose number kill(2) can't say.
        Err(Errno::EINVAL) => Err(unsupported()),
        Err(errno) => Err(errno::of(syscall)(errno)),
    }
}

/// What can be said of a group by its number alone, once nothing pins that: nothing is sent.
fn after_the_leader(group: Pid) -> Result<Delivery, Error> {
    let over = match numbered(group) {
        // The number was given away, so the group had ended before.
        Numbered::Process | Numbered::Thread => true,
        Numbered::Nothing => call::kill_group(group, 0) == Err(Errno::ESRCH),
    };
    // If not over it may be ours, or one whose leader took the number and has ended since.
    if over { Ok(Delivery::Gone) } else { Err(unsupported()) }
}

fn unsupported() -> Error {
    errno::unsupported("pidfd_send_signal(PIDFD_SIGNAL_PROCESS_GROUP)")
}
