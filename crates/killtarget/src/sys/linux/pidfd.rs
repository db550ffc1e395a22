//! The pidfd: a file descriptor that always refers to the same process.

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

/// How often a call is repeated that a signal interrupts. A filter of system calls may give `EINTR` each time.
const MAX_INTERRUPTIONS: usize = 100;

/// The file system of pidfds since Linux 6.9. A pidfd's inode number then identifies its process, uniquely within a
/// boot.
const PID_FS_MAGIC: FsType = FsType(0x5049_4446);

/// A file descriptor that the kernel binds to one process: `pidfd_open(2)`, Linux 5.3.
///
/// It never refers to another process, even after the process was reaped and its pid was reused.
#[derive(Debug)]
pub struct Pidfd(OwnedFd);

impl Pidfd {
    /// Opens the process that has the pid now. Returns `None` if no process has it.
    ///
    /// # Errors
    /// - [`Error::NotAProcess`]: the pid is the id of a thread.
    /// - [`Error::Os`]: `ENOSYS` if the kernel has no pidfds, `EPERM` if a seccomp profile refuses them.
    /// - [`Error::Os`]: `EMFILE` or `ENFILE` if no file descriptor is left.
    pub fn open(pid: Pid) -> Result<Option<Self>, Error> {
        match Self::open_raw(pid) {
            Ok(pidfd) => Ok(Some(pidfd)),
            Err(Errno::ESRCH) => Ok(None),
            // The id is a thread's. Before 6.10, a process that is being reaped gives EINVAL too.
            Err(errno @ (Errno::EINVAL | Errno::ENOENT)) => match pid_kind(pid) {
                PidKind::Thread => Err(Error::NotAProcess(pid)),
                PidKind::Unused => Ok(None),
                PidKind::Process => Err(errno::of("pidfd_open")(errno)),
            },
            Err(errno) => Err(errno::of("pidfd_open")(errno)),
        }
    }

    /// Signals the process. A zombie accepts the signal too. Returns [`Delivery::Gone`] if the process was reaped.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM` if the signal is not permitted.
    pub fn send_signal(&self, signal: Signal) -> Result<Delivery, Error> {
        match send(self.as_fd(), signal.as_raw(), SignalScope::Process) {
            Ok(()) => Ok(Delivery::Delivered),
            Err(Errno::ESRCH) => Ok(Delivery::Gone),
            Err(errno) => Err(errno::of("pidfd_send_signal")(errno)),
        }
    }

    /// Opens the process as [`Pidfd::open`] does, with the kernel's error number.
    pub(super) fn open_raw(pid: Pid) -> Result<Self, Errno> {
        pidfd_open(pid, 0).map(Self)
    }

    /// Opens the calling thread, not its process.
    ///
    /// # References
    /// `pidfd_open(2)`: `PIDFD_THREAD`, Linux 6.9.
    pub(super) fn open_own_thread() -> Result<Self, Errno> {
        let thread = Pid::new(nix::unistd::gettid().as_raw()).map_err(|_| Errno::ESRCH)?;
        pidfd_open(thread, libc::PIDFD_THREAD).map(Self)
    }

    /// Returns whether all threads of the process have exited, not only the first. The process may be an unreaped
    /// zombie.
    ///
    /// # References
    /// `pidfd_open(2)`, Linux 5.3: the pidfd becomes readable when the process terminates.
    pub(super) fn has_exited(&self) -> Result<bool, Errno> {
        self.poll(PollFlags::POLLIN, PollTimeout::ZERO)
    }

    /// Waits until the process or thread is reaped. Returns false after the timeout.
    ///
    /// # References
    /// `pidfd_poll` in the kernel, Linux 6.9: `POLLHUP` once the task is reaped.
    pub(super) fn wait_until_reaped(&self, timeout: PollTimeout) -> Result<bool, Errno> {
        self.poll(PollFlags::empty(), timeout)
    }

    fn poll(&self, events: PollFlags, timeout: PollTimeout) -> Result<bool, Errno> {
        let mut fds = [PollFd::new(self.as_fd(), events)];
        let polled = unless_interrupted(|| poll(&mut fds, timeout))?;
        Ok(polled > 0)
    }

    /// `waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG | WNOWAIT)`
    ///
    /// Returns whether the process is a child of this one, and its exit status if it has exited.
    ///
    /// # Errors
    /// `EINVAL`: the kernel is older than 5.4.
    ///
    /// # References
    /// `waitid(2)`: `P_PIDFD`, Linux 5.4.
    pub(super) fn child(&self) -> Result<Child, Errno> {
        let fd = libc::id_t::try_from(self.0.as_raw_fd()).map_err(|_| Errno::EBADF)?;
        process::child(libc::P_PIDFD, fd)
    }

    /// Reads the parent through the pidfd. Returns `None` if the parent is outside this PID namespace.
    ///
    /// # Errors
    /// As for `get_info`.
    pub(super) fn parent(&self) -> Result<Option<Pid>, Errno> {
        let info = self.get_info(libc::PIDFD_INFO_PID)?;
        Ok(Pid::from_raw(info.ppid))
    }

    /// Returns the exit status of the task in the format of `wait(2)`. The task need not be a child. Returns `None`
    /// if it is unreaped.
    ///
    /// # Errors
    /// As for `get_info`.
    ///
    /// # References
    /// `include/uapi/linux/pidfd.h`: `PIDFD_INFO_EXIT`, Linux 6.15.
    pub(super) fn exit_status(&self) -> Result<Option<i32>, Errno> {
        match self.get_info(libc::PIDFD_INFO_EXIT) {
            Ok(info) => Ok(Some(info.exit_code)),
            Err(Errno::ENODATA) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// `ioctl(pidfd, PIDFD_GET_INFO, &info)`
    ///
    /// Reads facts about the process that the pidfd is bound to.
    ///
    /// # Errors
    /// `ENOTTY` or `EINVAL`: the kernel does not have the ioctl. `ESRCH`: the process was reaped. `ENODATA`: the kernel
    /// did not fill in the wanted fields.
    ///
    /// # References
    /// `include/uapi/linux/pidfd.h`, Linux 6.13: the returned mask says which fields are filled in.
    fn get_info(&self, wanted: libc::c_uint) -> Result<libc::pidfd_info, Errno> {
        // SAFETY: the struct is plain data, and all zeroes is a valid value.
        let mut info: libc::pidfd_info = unsafe { mem::zeroed() };
        info.mask = wanted.into();
        // SAFETY: the request number contains the size of the struct, so the kernel writes within it. The pointer is
        // valid for the call.
        Errno::result(unsafe { libc::ioctl(self.0.as_raw_fd(), libc::PIDFD_GET_INFO, &raw mut info) })?;
        if info.mask & u64::from(wanted) == 0 { Err(Errno::ENODATA) } else { Ok(info) }
    }

    /// Returns the inode number, which no other process of this boot has. Returns `None` before Linux 6.9, as all
    /// pidfds share one inode there.
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

/// The recipients of a signal through a pidfd.
#[derive(Debug, Clone, Copy)]
pub(super) enum SignalScope {
    /// The process of the pidfd.
    Process,
    /// The process group that the process leads or led. The process may have been reaped (Linux 6.9).
    Group,
}

/// `pidfd_send_signal(fd, signal, NULL, flags)`
///
/// Signals the process that `fd` is bound to, or the group that it leads or led. `fd` is a pidfd or an open `/proc/PID`
/// directory.
///
/// # Errors
/// `ESRCH`: the process was reaped, or no group has its pid. `EPERM`: the process, or every member of the group, may
/// not be signalled. `EINVAL`: the kernel does not know the flag. `ENOSYS`: the kernel is older than 5.1.
///
/// # References
/// `pidfd_send_signal(2)`, Linux 5.1. Its flags: Linux 6.9.
pub(super) fn send(fd: BorrowedFd<'_>, signal: i32, to: SignalScope) -> Result<(), Errno> {
    refuse_on_android()?;
    let flags = match to {
        SignalScope::Process => 0,
        SignalScope::Group => libc::PIDFD_SIGNAL_PROCESS_GROUP.cast_signed(),
    };
    // SAFETY: each argument is passed as the `long` that syscall(2) reads, and the borrowed descriptor is open. The
    // siginfo_t may be null, so the call accesses no memory.
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

/// Repeats a call while signals interrupt it, a limited number of times.
fn unless_interrupted<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 0..MAX_INTERRUPTIONS {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
    Err(Errno::EINTR)
}

/// `pidfd_open(pid, flags)`
///
/// Opens the process that has the pid now. The descriptor is closed on exec.
///
/// # Errors
/// `ESRCH`: no process has the pid. `ENOENT` (since 6.10) or `EINVAL` (before): the pid is the id of a thread.
/// `ENOSYS`: the kernel is older than 5.3, or a newer container profile refuses the call. `EPERM`: an older container
/// profile refuses it. `EMFILE`, `ENFILE`: no file descriptor is left.
///
/// # References
/// `pidfd_open(2)`, Linux 5.3.
fn pidfd_open(pid: Pid, flags: libc::c_uint) -> Result<OwnedFd, Errno> {
    refuse_on_android()?;
    let (pid, flags) = (libc::c_long::from(pid.as_raw()), libc::c_long::from(flags.cast_signed()));
    // SAFETY: the call takes two integers, each passed as the `long` that syscall(2) reads. It accesses no memory.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })?;
    let fd = i32::try_from(fd).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just created the descriptor, and no other code owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Fails on Android. Up to Android 11, a call that is missing from the app's seccomp profile raises `SIGSYS`, which
/// terminates the caller.
fn refuse_on_android() -> Result<(), Errno> {
    if cfg!(target_os = "android") { Err(Errno::ENOSYS) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_repeated_after_an_interruption_but_not_for_ever() {
        let mut results = vec![Ok(7), Err(Errno::EINTR), Err(Errno::EINTR)];
        assert_eq!(unless_interrupted(|| results.pop().unwrap()), Ok(7));
        let mut calls = 0;
        let interrupted = || {
            calls += 1;
            Err::<(), _>(Errno::EINTR)
        };
        assert_eq!(unless_interrupted(interrupted), Err(Errno::EINTR));
        assert_eq!(calls, MAX_INTERRUPTIONS);
    }
}
