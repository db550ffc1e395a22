//! Probes of what the running kernel supports. Each tries its system call on this process.
//!
//! A version number proves little. A container's seccomp profile may refuse one call with `ENOSYS` or `EPERM` and
//! allow the next. An emulated kernel may have only some of the calls. So each call is tried when it is first needed,
//! and the result is kept.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use nix::{errno::Errno, poll::PollTimeout};

use super::{
    file_handle, file_owner,
    pid_lookup::{PidKind, pid_kind},
    pidfd::{self, Pidfd, SignalScope},
    procfs::{self, ProcDir},
    spare_fd,
};
use crate::{sys::unix::process, types::Pid};

/// The limit of the wait until a thread that was joined is released.
const THREAD_END_TIMEOUT: Duration = Duration::from_secs(1);

/// A call that cannot be used, and its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) syscall: &'static str,
    pub(super) errno: Errno,
}

pub(super) type Verdict = Result<(), Refusal>;

fn refused(syscall: &'static str) -> impl Fn(Errno) -> Refusal {
    move |errno| Refusal { syscall, errno }
}

/// Runs the trial once and keeps its verdict. A temporary error is no verdict.
fn probe_once(known: &OnceLock<Verdict>, trial: fn() -> Verdict) -> Verdict {
    if let Some(verdict) = known.get() {
        return *verdict;
    }
    match trial() {
        Err(refusal) if spare_fd::is_temporary(refusal.errno) => Err(refusal),
        verdict => *known.get_or_init(|| verdict),
    }
}

/// Checks whether a process can be opened as a pidfd and signalled through it.
pub(super) fn pidfd() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    probe_once(&KNOWN, || {
        let caller = open_self()?;
        pidfd::send(caller.as_fd(), 0, SignalScope::Process).map_err(refused("pidfd_send_signal"))
    })
}

/// Checks whether a process can be signalled through its `/proc` directory.
pub(super) fn proc_signal() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    // The mounts can change, so this check is repeated.
    procfs::check().map_err(|unusable| Refusal { syscall: "open(/proc)", errno: unusable.into() })?;
    probe_once(&KNOWN, || {
        let caller = open_own_directory()?;
        pidfd::send(caller.as_fd(), 0, SignalScope::Process).map_err(refused("pidfd_send_signal"))
    })
}

/// Checks whether a group can be signalled through a handle. `ESRCH` means yes: this process just does not lead a
/// group.
pub(super) fn group_signal() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    probe_once(&KNOWN, || {
        let caller = open_own_handle()?;
        match pidfd::send(caller.as_fd(), 0, SignalScope::Group) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(errno) => Err(Refusal { syscall: "pidfd_send_signal(PIDFD_SIGNAL_PROCESS_GROUP)", errno }),
        }
    })
}

/// Checks whether `waitid(2)` accepts a pidfd. `ECHILD` means yes: this process is not its own child.
pub(super) fn wait() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    probe_once(&KNOWN, || open_self()?.child().map(drop).map_err(refused("waitid(P_PIDFD)")))
}

/// Checks whether facts can be read through a pidfd.
pub(super) fn info() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    probe_once(&KNOWN, || open_self()?.parent().map(drop).map_err(refused("ioctl(PIDFD_GET_INFO)")))
}

/// Checks whether an exit status can be read through a pidfd. Only a reaped task has one, so this starts a thread that
/// exits at once.
pub(super) fn exit_info() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    probe_once(&KNOWN, || {
        info()?;
        let refused = refused("ioctl(PIDFD_INFO_EXIT)");
        let thread = thread::Builder::new().spawn(Pidfd::open_own_thread).map_err(|error| Refusal {
            syscall: "clone",
            errno: Errno::from_raw(error.raw_os_error().unwrap_or(libc::EAGAIN)),
        })?;
        let thread = thread.join().map_err(|_| refused(Errno::EINVAL))?.map_err(&refused)?;
        // The kernel sets the exit status when it releases the thread, which may be after the join.
        thread.wait_until_reaped(PollTimeout::from(1000_u16)).map_err(&refused)?;
        thread.exit_status().and_then(|status| status.ok_or(Errno::EINVAL)).map(drop).map_err(refused)
    })
}

/// Checks whether a pidfd shows that its number is in use. This process has its own number.
pub(super) fn file_handle() -> Verdict {
    static KNOWN: OnceLock<Verdict> = OnceLock::new();
    probe_once(&KNOWN, || {
        let is_in_use = file_handle::is_number_in_use(open_self()?.as_fd());
        let in_use = is_in_use.and_then(|is_in_use| is_in_use.then_some(()).ok_or(Errno::ESTALE));
        in_use.map_err(refused("open_by_handle_at(pidfd)"))
    })
}

/// Returns whether the kernel tells that the owner of a file is gone. The owner is a thread that exits at once.
pub(super) fn file_owner() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return *known;
    }
    let trial = || {
        let file = open_self().ok()?;
        let owned = thread::Builder::new().spawn(move || {
            let id = Pid::from_raw(nix::unistd::gettid().as_raw()).ok_or(Errno::ESRCH)?;
            file_owner::set(file.as_fd(), file_owner::Kind::Thread, id)?;
            file_owner::is_alive(file.as_fd()).map(|is_alive| (file, id, is_alive))
        });
        let (file, id, was_alive) = owned.ok()?.join().ok()?.ok()?;
        // The kernel releases the thread after the join.
        let deadline = Instant::now() + THREAD_END_TIMEOUT;
        while pid_kind(id) != PidKind::Unused {
            if Instant::now() >= deadline {
                return None;
            }
            thread::yield_now();
        }
        Some(was_alive && file_owner::is_alive(file.as_fd()) == Ok(false))
    };
    // Without a thread or a descriptor nothing is known.
    trial().is_some_and(|verdict| *KNOWN.get_or_init(|| verdict))
}

/// Returns whether the kernel lists the children of each process.
pub(super) fn lists_children() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return *known;
    }
    procfs::lists_children().is_ok_and(|lists| *KNOWN.get_or_init(|| lists))
}

fn open_self() -> Result<Pidfd, Refusal> {
    Pidfd::open_raw(process::own_pid()).map_err(refused("pidfd_open"))
}

fn open_own_directory() -> Result<ProcDir, Refusal> {
    ProcDir::open(process::own_pid()).map_err(refused("open(/proc/self)"))
}

/// Checks whether a process can now be opened by a descriptor that signals can be sent through. The result is not
/// kept, as file descriptors may run out.
pub(super) fn race_free() -> Verdict {
    open_own_handle().map(drop)
}

/// Opens this process by the best descriptor that signals can be sent through.
fn open_own_handle() -> Result<OwnedFd, Refusal> {
    match pidfd() {
        Ok(()) => open_self().map(OwnedFd::from),
        Err(refusal) => match proc_signal() {
            Ok(()) => open_own_directory().map(OwnedFd::from),
            Err(_) => Err(refusal),
        },
    }
}
