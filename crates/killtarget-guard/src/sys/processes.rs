//! Processes: fork, wait, signal, exit.

use super::error::{Errno, check};
use crate::types::{Pid, Signal, Status};

/// Which of the two processes this is after a fork.
pub(crate) enum Fork {
    Child,
    Parent(Pid),
}

/// Starts a copy of this process.
///
/// # Errors
/// `EAGAIN` at a limit of processes, `ENOMEM`.
///
/// # References
/// fork(2)
pub(crate) fn fork() -> Result<Fork, Errno> {
    // SAFETY: this program has one thread.
    match check(unsafe { libc::fork() }.into())? {
        0 => Ok(Fork::Child),
        pid => Pid::new(pid).map(Fork::Parent).ok_or(Errno::ESRCH),
    }
}

pub(crate) fn own_pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

pub(crate) fn parent_pid() -> i32 {
    nix::unistd::getppid().as_raw()
}

/// Returns the own process group.
pub(crate) fn group() -> i32 {
    nix::unistd::getpgrp().as_raw()
}

/// Returns the process group of a process.
pub(crate) fn group_of(pid: Pid) -> Option<i32> {
    nix::unistd::getpgid(Some(nix::unistd::Pid::from_raw(pid.raw()))).ok().map(nix::unistd::Pid::as_raw)
}

/// Returns the own session, 0 if its leader is outside of the PID namespace.
pub(crate) fn session() -> i32 {
    nix::unistd::getsid(None).map_or(0, nix::unistd::Pid::as_raw)
}

/// Makes this process the leader of a new session and process group.
pub(crate) fn lead_session() -> Result<(), Errno> {
    nix::unistd::setsid()?;
    Ok(())
}

/// Leaves the working directory, so that its file system can be unmounted.
pub(crate) fn change_to_root() {
    let _ = nix::unistd::chdir(c"/");
}

/// Sends a signal by pid. The pid must be that of a child that was not reaped, or of a verified process.
///
/// # References
/// kill(2)
pub(crate) fn kill(pid: Pid, signal: Signal) -> Result<(), Errno> {
    // SAFETY: the call takes numbers.
    check(unsafe { libc::kill(pid.raw(), signal.raw()) }.into()).map(drop)
}

/// What has happened to a child.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Exited(Status),
    Stopped,
    Continued,
}

pub(crate) enum Waited {
    /// The child with this pid has changed. If it has exited, it was reaped.
    Child(i32, Change),
    /// No child has changed.
    Nothing,
    NoChildren,
}

/// Children of any kind, also those that send no SIGCHLD.
#[cfg(target_os = "linux")]
const ALL_KINDS: i32 = libc::__WALL;
#[cfg(not(target_os = "linux"))]
const ALL_KINDS: i32 = 0;

/// Returns the next change of a child. Reaps.
///
/// # References
/// wait4(2). nix does not know real-time signals.
pub(crate) fn wait_next() -> Waited {
    let mut status = 0;
    let flags = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED | ALL_KINDS;
    loop {
        // SAFETY: the status is valid.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, flags) };
        if pid == 0 {
            return Waited::Nothing;
        }
        if pid > 0 {
            return Waited::Child(pid, change(status));
        }
        match Errno::last() {
            Errno(libc::EINTR) => {}
            _ => return Waited::NoChildren,
        }
    }
}

fn change(status: i32) -> Change {
    if libc::WIFSTOPPED(status) {
        return Change::Stopped;
    }
    if libc::WIFCONTINUED(status) {
        return Change::Continued;
    }
    if libc::WIFEXITED(status) {
        return Change::Exited(Status::Code(u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(u8::MAX)));
    }
    Change::Exited(Status::Signal(Signal::new(libc::WTERMSIG(status)).unwrap_or(Signal::KILL)))
}

/// Exits at once. Nothing is flushed, as nothing is buffered.
pub(crate) fn exit(code: u8) -> ! {
    // SAFETY: the call does not return.
    unsafe { libc::_exit(i32::from(code)) }
}
