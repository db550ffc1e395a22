//! What this kernel can do, found out by doing it to oneself.
//!
//! Version numbers tell little: a container's seccomp profile may refuse one call and allow the next, with `ENOSYS` or
//! with `EPERM`, and an emulated kernel may have some of them only. So each is tried when it is first needed, and the
//! answer is kept.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::OnceLock,
    thread,
};

use nix::{errno::Errno, poll::PollTimeout};

use super::{
    pidfd::{self, Pidfd, SignalScope},
    procfs::{self, ProcDir},
    spare_fd,
};
use crate::sys::unix::process;

/// Why a call can't be used: which one, and what it answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) syscall: &'static str,
    pub(super) errno: Errno,
}

pub(super) type Verdict = Result<(), Refusal>;

fn refused(syscall: &'static str) -> impl Fn(Errno) -> Refusal {
    move |errno| Refusal { syscall, errno }
}

/// Tries once and remembers, unless the trial itself fell short of descriptors.
fn once(known: &OnceLock<Verdict>, trial: fn() -> Verdict) -> Verdict {
    if let Some(verdict) = known.get() {
        return *verdict;
    }
    match trial() {
        Err(refusal) if spare_fd::is_shortage(refusal.errno) => Err(refusal),
        verdict => *known.get_or_init(|| verdict),
    }
}

/// Whether a process can be held by a pidfd and signalled through it.
pub(super) fn pidfd() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    once(&KNOWN, || {
        let caller = open_self()?;
        pidfd::send(caller.as_fd(), 0, SignalScope::Process).map_err(refused("pidfd_send_signal"))
    })
}

/// Whether a process can be signalled through its `/proc` directory.
pub(super) fn proc_signal() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    // What is mounted can change, so this part is asked anew.
    procfs::check().map_err(|_| Refusal { syscall: "readlink(/proc/self)", errno: Errno::ENOENT })?;
    once(&KNOWN, || {
        let caller = open_own_directory()?;
        pidfd::send(caller.as_fd(), 0, SignalScope::Process).map_err(refused("pidfd_send_signal"))
    })
}

/// Whether a group can be signalled through a handle. `ESRCH` says that it can: this process leads no group, then.
pub(super) fn group_signal() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    once(&KNOWN, || {
        let caller = own_handle()?;
        match pidfd::send(caller.as_fd(), 0, SignalScope::Group) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(errno) => Err(Refusal { syscall: "pidfd_send_signal(PIDFD_SIGNAL_PROCESS_GROUP)", errno }),
        }
    })
}

/// Whether `waitid(2)` takes a pidfd. This process is no child of its own: `ECHILD` says that it does.
pub(super) fn wait() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    once(&KNOWN, || open_self()?.child().map(drop).map_err(refused("waitid(P_PIDFD)")))
}

/// Whether facts can be read through a pidfd.
pub(super) fn info() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    once(&KNOWN, || open_self()?.parent().map(drop).map_err(refused("ioctl(PIDFD_GET_INFO)")))
}

/// Whether the end of a process can be read through a pidfd. It shows on a task that has ended only, so a thread is
/// made that ends at once.
pub(super) fn exit_info() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    once(&KNOWN, || {
        info()?;
        let refused = refused("ioctl(PIDFD_INFO_EXIT)");
        let thread = thread::Builder::new().spawn(Pidfd::open_own_thread).map_err(|error| Refusal {
            syscall: "clone",
            errno: Errno::from_raw(error.raw_os_error().unwrap_or(libc::EAGAIN)),
        })?;
        let thread = thread.join().map_err(|_| refused(Errno::EINVAL))?.map_err(&refused)?;
        // The kernel fills it in when it releases the thread, a moment after the thread was joined.
        thread.wait_until_reaped(PollTimeout::from(1000_u16)).map_err(&refused)?;
        thread.exit_status().and_then(|status| status.ok_or(Errno::EINVAL)).map(drop).map_err(refused)
    })
}

/// Whether the kernel lists the children of each process.
pub(super) fn children() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(procfs::lists_children)
}

fn open_self() -> Result<Pidfd, Refusal> {
    Pidfd::open_raw(process::own_pid()).map_err(refused("pidfd_open"))
}

fn open_own_directory() -> Result<ProcDir, Refusal> {
    ProcDir::open(process::own_pid()).map_err(refused("open(/proc/self)"))
}

/// Whether a process can be held, now, by something that signals go through. Not remembered: what the kernel can do it
/// can't without a file descriptor.
pub(super) fn race_free() -> Verdict {
    own_handle().map(drop)
}

/// By what a process is held here.
fn own_handle() -> Result<OwnedFd, Refusal> {
    match pidfd() {
        Ok(()) => open_self().map(OwnedFd::from),
        Err(refusal) => match proc_signal() {
            Ok(()) => open_own_directory().map(OwnedFd::from),
            Err(_) => Err(refusal),
        },
    }
}
