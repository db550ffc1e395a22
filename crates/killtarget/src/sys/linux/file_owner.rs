//! Whether the group that a process led still has members, from the owner of an open file.
//!
//! The kernel keeps the owner of a file as a `struct pid`, not as a number. Since Linux 5.12 it reports no owner once that
//! struct has no process of the owner's kind. So another group that has the same number later is never reported.
//!
//! # References
//! `fcntl(2)`: `F_SETOWN_EX`, `F_GETOWN_EX`. `fs/fcntl.c`: `f_getown_ex`.

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;

use crate::types::Pid;

const F_SETOWN_EX: libc::c_int = 15;
const F_GETOWN_EX: libc::c_int = 16;

/// What kind of owner a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum Kind {
    Thread = 0,
    Group = 2,
}

/// `struct f_owner_ex`
#[repr(C)]
struct Owner {
    kind: libc::c_int,
    pid: libc::pid_t,
}

/// `fcntl(fd, F_SETOWN_EX, &{ kind, pid })`
///
/// Makes what has the number now the owner of the file. Nothing is ever sent to it, as the file has no `O_ASYNC`.
///
/// # Errors
/// `ESRCH`: nothing has the number. `EINVAL`: before Linux 2.6.32.
pub(super) fn set(fd: BorrowedFd<'_>, kind: Kind, pid: Pid) -> Result<(), Errno> {
    let owner = Owner { kind: kind as libc::c_int, pid: pid.as_raw() };
    // SAFETY: the borrowed descriptor is open, and the kernel only reads the struct, which is valid for the call.
    Errno::result(unsafe { libc::fcntl(fd.as_raw_fd(), F_SETOWN_EX, &raw const owner) }).map(drop)
}

/// `fcntl(fd, F_GETOWN_EX, &owner)`
///
/// Returns whether the file has an owner that still has a process.
///
/// # Errors
/// `EINVAL`: before Linux 2.6.32.
pub(super) fn is_alive(fd: BorrowedFd<'_>) -> Result<bool, Errno> {
    let mut owner = Owner { kind: 0, pid: 0 };
    // SAFETY: the borrowed descriptor is open, and the kernel only writes the struct, which is valid for the call.
    Errno::result(unsafe { libc::fcntl(fd.as_raw_fd(), F_GETOWN_EX, &raw mut owner) })?;
    Ok(owner.pid != 0)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        os::{fd::AsFd, unix::process::CommandExt},
        process::{Child, Command, Stdio},
    };

    use super::*;
    use crate::sys::linux::{pidfd::Pidfd, probe};

    /// Starts a process in a group, given by its number. It ends with its input.
    fn member(group: i32) -> Child {
        let mut command = Command::new("cat");
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut member = streams.process_group(group).spawn().unwrap();
        // An emulator does not wait until the process is the program, and in its group.
        member.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        member.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        member
    }

    #[test]
    fn a_group_has_members_until_the_last_is_reaped_although_its_leader_was_reaped_before() {
        if probe::pidfd().is_err() || !probe::file_owner() {
            return;
        }
        let mut leader = member(0);
        let pid = Pid::from_raw(leader.id()).unwrap();
        let mut last = member(pid.as_raw());
        let pidfd = Pidfd::open_raw(pid).unwrap();
        set(pidfd.as_fd(), Kind::Group, pid).unwrap();
        leader.wait().unwrap();
        assert_eq!(is_alive(pidfd.as_fd()), Ok(true));
        last.wait().unwrap();
        assert_eq!(is_alive(pidfd.as_fd()), Ok(false));
    }
}
