//! Processes, as only Linux has them: subreapers, namespaces, pidfds.

use std::{
    ffi::CStr,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    ptr,
};

use nix::sys::prctl;

use super::signals;
use crate::{
    sys::{
        error::{Errno, check, owned},
        processes::{Fork, exit, kill, own_pid},
    },
    types::{Pid, Signal, Status},
};

/// Starts a copy of this process as the first one of a PID namespace, with mounts of its own. `as_user`: in a user namespace,
/// too, for which no privilege is needed.
///
/// # Errors
/// `EPERM` without the privilege, or where user namespaces are not allowed. `ENOSPC` at a limit of namespaces.
///
/// # References
/// clone(2), `pid_namespaces`(7), `user_namespaces`(7)
pub(crate) fn fork_into_namespace(as_user: bool) -> Result<Fork, Errno> {
    let user = if as_user { libc::CLONE_NEWUSER } else { 0 };
    let flags = libc::c_long::from(libc::CLONE_NEWPID | libc::CLONE_NEWNS | user | libc::SIGCHLD);
    // The kernel reads whole registers.
    let none: libc::c_long = 0;
    // SAFETY: without a stack the call works as fork, and this program has one thread.
    match check(unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) })? {
        0 => Ok(Fork::Child),
        pid => Pid::new(pid).map(Fork::Parent).ok_or(Errno::ESRCH),
    }
}

/// Waits for the exit of a child, and reaps it.
///
/// # References
/// waitpid(2)
pub(crate) fn reap(child: Pid) {
    // SAFETY: no status is asked for.
    while check(unsafe { libc::waitpid(child.raw(), ptr::null_mut(), 0) }.into()) == Err(Errno(libc::EINTR)) {
    }
}

/// Mounts a `/proc` of the own PID namespace. No other mount namespace sees it.
///
/// # References
/// mount(2)
pub(crate) fn mount_proc() -> Result<(), Errno> {
    let none: *const libc::c_char = ptr::null();
    let (slave, no_data) = (libc::MS_REC | libc::MS_SLAVE, ptr::null());
    // SAFETY: the strings end with NUL.
    check(unsafe { libc::mount(none, c"/".as_ptr(), none, slave, no_data) }.into())?;
    let (proc, safe) = (c"proc".as_ptr(), libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC);
    // SAFETY: the strings end with NUL.
    check(unsafe { libc::mount(proc, c"/proc".as_ptr(), proc, safe, no_data) }.into()).map(drop)
}

/// Returns the effective user and group.
pub(crate) fn user() -> (u32, u32) {
    (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw())
}

/// Makes orphans below this process its children. Children do not inherit it.
///
/// # References
/// `PR_SET_CHILD_SUBREAPER`(2const)
pub(crate) fn become_subreaper() -> Result<(), Errno> {
    Ok(prctl::set_child_subreaper(true)?)
}

/// Sends this process SIGCONT when the thread that started it exits, and again when its process exits.
///
/// # References
/// `PR_SET_PDEATHSIG`(2const)
pub(crate) fn wake_with_parent() {
    set_death_signal(Signal::CONT);
}

/// Sends this process SIGKILL when its parent exits. A set-uid program clears this.
pub(crate) fn end_with_parent() {
    set_death_signal(Signal::KILL);
}

/// Lets this process live on after its parent.
pub(crate) fn outlive_parent() {
    // SAFETY: the call takes a number.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, 0) };
}

fn set_death_signal(signal: Signal) {
    // SAFETY: the call takes a number.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal.raw()) };
}

/// Names this process, as ps(1) shows it.
pub(crate) fn set_name(name: &CStr) {
    let _ = prctl::set_name(name);
}

/// A process: a pidfd, or its pid where the kernel gives none.
pub(crate) enum Handle {
    PidFd(OwnedFd),
    Pid(Pid),
}

/// Opens a process.
///
/// # Errors
/// `ESRCH`: it does not exist. Where pidfds are not available this is not found out.
///
/// # References
/// `pidfd_open`(2), since Linux 5.3
pub(crate) fn open_handle(pid: Pid) -> Result<Handle, Errno> {
    match pidfd(pid.raw()) {
        Ok(file) => Ok(Handle::PidFd(file)),
        Err(Errno::ESRCH) => Err(Errno::ESRCH),
        Err(_) => Ok(Handle::Pid(pid)),
    }
}

fn pidfd(pid: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: the call takes numbers, and makes a descriptor.
    unsafe { owned(libc::syscall(libc::SYS_pidfd_open, pid, 0)) }
}

impl Handle {
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Errno> {
        match self {
            Self::Pid(pid) => kill(*pid, signal),
            Self::PidFd(file) => signal_pidfd(file, signal.raw(), 0),
        }
    }

    /// Returns whether it may be signalled. Without a pidfd this is not known.
    pub(crate) fn probe(&self) -> Result<(), Errno> {
        match self {
            Self::Pid(_) => Ok(()),
            // 0 is no signal.
            Self::PidFd(file) => signal_pidfd(file, 0, 0),
        }
    }

    /// Sends SIGCONT: where the kernel can to the first thread, so that it is not merged with one that another process has sent.
    ///
    /// # References
    /// `pidfd_send_signal`(2): `PIDFD_SIGNAL_THREAD`, since Linux 6.9
    pub(crate) fn wake(&self) {
        const TO_THREAD: u32 = 1;
        match self {
            Self::PidFd(file) if signal_pidfd(file, Signal::CONT.raw(), TO_THREAD).is_ok() => {}
            _ => drop(self.signal(Signal::CONT)),
        }
    }

    /// Queues a signal with a value, as sigqueue(3) does.
    pub(crate) fn queue(&self, signal: Signal, value: i32) -> Result<(), Errno> {
        let information = Information::new(signal, value);
        let (number, information) = (signal.raw(), &raw const information);
        let sent = match self {
            // SAFETY: the information is as long as the kernel's, and outlives the call.
            Self::Pid(pid) => unsafe {
                libc::syscall(libc::SYS_rt_sigqueueinfo, pid.raw(), number, information)
            },
            // SAFETY: the same.
            Self::PidFd(file) => unsafe {
                libc::syscall(libc::SYS_pidfd_send_signal, file.as_raw_fd(), number, information, 0)
            },
        };
        check(sent).map(drop)
    }

    /// Returns whether the process keeps its pid: it was not reaped. Without a pidfd this is not known.
    pub(crate) fn has_pid(&self) -> bool {
        matches!(self, Self::PidFd(_)) && matches!(self.probe(), Ok(()) | Err(Errno::EPERM))
    }

    /// The descriptor that is readable once the process has exited.
    pub(crate) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::PidFd(file) => Some(file.as_fd()),
            Self::Pid(_) => None,
        }
    }
}

/// The `siginfo_t` of a queued signal, as 64-bit kernels lay it out.
#[repr(C)]
struct Information {
    signal: i32,
    errno: i32,
    code: i32,
    padding: i32,
    sender: i32,
    user: u32,
    value: i32,
    rest: [i32; 25],
}

const _: () = assert!(size_of::<Information>() == size_of::<libc::siginfo_t>());

impl Information {
    fn new(signal: Signal, value: i32) -> Self {
        let (signal, code, sender) = (signal.raw(), libc::SI_QUEUE, own_pid());
        Self { signal, errno: 0, code, padding: 0, sender, user: user().0, value, rest: [0; 25] }
    }
}

/// # References
/// `pidfd_send_signal`(2)
fn signal_pidfd(file: &OwnedFd, number: i32, flags: u32) -> Result<(), Errno> {
    let none: *const libc::siginfo_t = ptr::null();
    // SAFETY: without information the call takes numbers.
    check(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, file.as_raw_fd(), number, none, flags) })
        .map(drop)
}

/// Opens any process to watch it: also pid 1, which must not be signalled.
pub(crate) fn open_watched(pid: i32) -> Result<OwnedFd, Errno> {
    pidfd(pid)
}

/// Exits with the status of another process.
///
/// A signal ends this process without a core dump, which would be the guard's. The first process of a PID namespace cannot
/// end itself by a signal: it exits with 128 and the number, as shells do.
pub(crate) fn exit_like(status: Status) -> ! {
    let signal = match status {
        Status::Code(code) => exit(code),
        Status::Signal(signal) => signal,
    };
    let _ = prctl::set_dumpable(false);
    signals::reset(signal);
    signals::unblock_only(signal);
    // SAFETY: the call takes numbers, and sends the signal to this process.
    unsafe { libc::kill(own_pid(), signal.raw()) };
    exit(128 + u8::try_from(signal.raw()).unwrap_or(0))
}
