//! The file descriptor that stands for one process and never for another.

use std::{
    mem,
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::statfs::{FsType, fstatfs},
};

use super::pid_lookup::{PidKind, pid_kind};
use crate::{
    sys::unix::{
        errno,
        process::{self, Child},
    },
    types::{Delivery, Error, Pid, Signal},
};

/// Where pidfds live since Linux 6.9. From there on the inode number of one is its process's, unique within a boot.
const PID_FS_MAGIC: FsType = FsType(0x5049_4446);

/// A process, by a file descriptor that the kernel has bound to it: `pidfd_open(2)`, Linux 5.3. The process may end
/// and be reaped and its number may be given away; this is then nobody's.
#[derive(Debug)]
pub struct Pidfd(OwnedFd);

impl Pidfd {
    /// Opens the process that has the number now. `None`: no process has it.
    ///
    /// # Errors
    /// [`Error::NotAProcess`] for the id of a thread. [`Error::Os`] where the kernel has no pidfds (`ENOSYS`), or
    /// refuses them (`EPERM`), or no file descriptor is left (`EMFILE`, `ENFILE`).
    pub fn open(pid: Pid) -> Result<Option<Self>, Error> {
        match Self::open_raw(pid) {
            Ok(pidfd) => Ok(Some(pidfd)),
            Err(Errno::ESRCH) => Ok(None),
            // What a thread's id gives; before 6.10 also what a process gives that is just being reaped.
            Err(errno @ (Errno::EINVAL | Errno::ENOENT)) => match pid_kind(pid) {
                PidKind::Thread => Err(Error::NotAProcess(pid)),
                PidKind::Unused => Ok(None),
                PidKind::Process => Err(errno::of("pidfd_open")(errno)),
            },
            Err(errno) => Err(errno::of("pidfd_open")(errno)),
        }
    }

    /// Signals the process, be it a zombie; or says that it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] with `EPERM` where it is not permitted.
    pub fn send_signal(&self, signal: Signal) -> Result<Delivery, Error> {
        match send(self.as_fd(), signal.as_raw(), SignalScope::Process) {
            Ok(()) => Ok(Delivery::Delivered),
            Err(Errno::ESRCH) => Ok(Delivery::Gone),
            Err(errno) => Err(errno::of("pidfd_send_signal")(errno)),
        }
    }

    /// [`Pidfd::open`] with the kernel's own answer.
    pub(super) fn open_raw(pid: Pid) -> Result<Self, Errno> {
        pidfd_open(pid, 0).map(Self)
    }

    /// The calling thread, not its process. (Linux 6.9.)
    pub(super) fn open_own_thread() -> Result<Self, Errno> {
        let thread = Pid::new(nix::unistd::gettid().as_raw()).map_err(|_| Errno::ESRCH)?;
        pidfd_open(thread, libc::PIDFD_THREAD).map(Self)
    }

    /// Whether the whole process is over: all its threads, not the first one only. It may still be a zombie.
    ///
    /// # References
    /// `pidfd_open(2)`: readable when the process has terminated. (Linux 5.3.)
    pub(super) fn is_over(&self) -> Result<bool, Errno> {
        self.poll(PollFlags::POLLIN, PollTimeout::ZERO)
    }

    /// Waits until it is reaped: `POLLHUP`, Linux 6.9.
    pub(super) fn wait_until_reaped(&self, timeout: PollTimeout) -> Result<bool, Errno> {
        self.poll(PollFlags::empty(), timeout)
    }

    fn poll(&self, events: PollFlags, timeout: PollTimeout) -> Result<bool, Errno> {
        let mut fds = [PollFd::new(self.as_fd(), events)];
        loop {
            match poll(&mut fds, timeout) {
                Err(Errno::EINTR) => {}
                polled => return Ok(polled? > 0),
            }
        }
    }

    /// Whether it is a child of this process, and how that ended.
    ///
    /// # Errors
    /// `EINVAL`: before 5.4.
    pub(super) fn child(&self) -> Result<Child, Errno> {
        let fd = libc::id_t::try_from(self.0.as_raw_fd()).map_err(|_| Errno::EBADF)?;
        process::child(libc::P_PIDFD, fd)
    }

    /// The parent of the process, read through the handle. `None`: it is outside this PID namespace.
    ///
    /// # Errors
    /// As for `get_info`.
    pub(super) fn parent(&self) -> Result<Option<Pid>, Errno> {
        let info = self.get_info(libc::PIDFD_INFO_PID)?;
        Ok(Pid::from_raw(info.ppid))
    }

    /// How the task ended, whosever child it was, as a status of `wait(2)`. `None`: it has not been reaped.
    ///
    /// # Errors
    /// As for `get_info`.
    ///
    /// # References
    /// `PIDFD_INFO_EXIT`, Linux 6.15.
    pub(super) fn exit_status(&self) -> Result<Option<i32>, Errno> {
        match self.get_info(libc::PIDFD_INFO_EXIT) {
            Ok(info) => Ok(Some(info.exit_code)),
            Err(Errno::ENODATA) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// `ioctl(pidfd, PIDFD_GET_INFO, &info)`: facts about the process, bound to the handle.
    ///
    /// # Errors
    /// `ENOTTY` or `EINVAL`: the kernel does not have it. `ESRCH`: the process has been reaped. `ENODATA`: the kernel
    /// has it, but not what was asked for.
    ///
    /// # References
    /// `include/uapi/linux/pidfd.h`, Linux 6.13. The mask that comes back says which fields are filled.
    fn get_info(&self, wanted: libc::c_uint) -> Result<libc::pidfd_info, Errno> {
        // SAFETY: plain data, for which all zeroes is a valid value.
        let mut info: libc::pidfd_info = unsafe { mem::zeroed() };
        info.mask = wanted.into();
        // SAFETY: the request's number holds the size of the structure, so the kernel writes no more than that.
        Errno::result(unsafe { libc::ioctl(self.0.as_raw_fd(), libc::PIDFD_GET_INFO, &raw mut info) })?;
        if info.mask & u64::from(wanted) == 0 { Err(Errno::ENODATA) } else { Ok(info) }
    }

    /// What no other process of this boot has: none before 6.9, where all pidfds share one inode.
    pub(super) fn inode(&self) -> Option<u64> {
        if fstatfs(self.as_fd()).ok()?.filesystem_type() != PID_FS_MAGIC {
            return None;
        }
        Some(nix::sys::stat::fstat(self.as_fd()).ok()?.st_ino)
    }
}

impl AsFd for Pidfd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<Pidfd> for OwnedFd {
    fn from(pidfd: Pidfd) -> Self {
        pidfd.0
    }
}

/// Whom a signal through a handle reaches.
#[derive(Debug, Clone, Copy)]
pub(super) enum SignalScope {
    /// The process of the handle.
    Process,
    /// The process group whose id is the number of the handle's process, which may have been reaped. (Linux 6.9.)
    Group,
}

/// `pidfd_send_signal(fd, signal, NULL, flags)`: signals the process that the handle is bound to, or its group.
///
/// `fd` is a pidfd or an open `/proc/PID` directory.
///
/// # Errors
/// `ESRCH`: reaped; or, for a group, there is none of that id. `EPERM`: not permitted, or, for a group, none of it.
/// `EINVAL`: the flag is unknown. `ENOSYS`: before 5.1.
///
/// # References
/// `pidfd_send_signal(2)`, Linux 5.1; flags: 6.9.
pub(super) fn send(fd: BorrowedFd<'_>, signal: i32, to: SignalScope) -> Result<(), Errno> {
    can_be_tried()?;
    let flags = match to {
        SignalScope::Process => 0,
        SignalScope::Group => libc::PIDFD_SIGNAL_PROCESS_GROUP.cast_signed(),
    };
    // SAFETY: every argument is passed as the `long` that syscall(2) reads; the borrowed descriptor is open; a null
    // siginfo_t is allowed, and no memory of ours is touched.
    Errno::result(unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            libc::c_long::from(fd.as_raw_fd()),
            libc::c_long::from(signal),
            0 as libc::c_long,
            libc::c_long::from(flags),
        )
    })
    .map(drop)
}

/// `pidfd_open(pid, flags)`: a handle, closed on exec, on the process that has the number now.
///
/// # Errors
/// `ESRCH`: none has it. `ENOENT` (since 6.10), `EINVAL` (before): it is a thread's. `ENOSYS`: before 5.3, or refused by
/// a newer container profile. `EPERM`: refused by an older one. `EMFILE`, `ENFILE`: no descriptor is left.
///
/// # References
/// `pidfd_open(2)`, Linux 5.3.
fn pidfd_open(pid: Pid, flags: libc::c_uint) -> Result<OwnedFd, Errno> {
    can_be_tried()?;
    let (pid, flags) = (libc::c_long::from(pid.as_raw()), libc::c_long::from(flags.cast_signed()));
    // SAFETY: two integers, each passed as the `long` that syscall(2) reads; no memory of ours is touched.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })?;
    let fd = i32::try_from(fd).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just made this descriptor and nothing else knows it, so it is ours to own.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Up to Android 11 a call that the profile of an app does not list is answered by `SIGSYS`, which ends the caller.
fn can_be_tried() -> Result<(), Errno> {
    if cfg!(target_os = "android") { Err(Errno::ENOSYS) } else { Ok(()) }
}
