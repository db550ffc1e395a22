//! Opens a process by the most reliable method that the kernel supports.

use std::thread;

use nix::errno::Errno;

use super::{
    clock,
    pid_lookup::{PidKind, pid_kind},
    pidfd::Pidfd,
    probe,
    procfs::{self, ProcDir, Unusable},
    spare_fd,
};
use crate::{
    sys::types::StartTime,
    types::{Error, Pid, Verification},
};

/// How a handle is bound to its process.
#[derive(Debug)]
pub(super) enum HandleKind {
    Pidfd(Pidfd),
    /// If `signals` is true, `pidfd_send_signal(2)` accepts the directory. If not, a read in the directory verifies the
    /// process directly before each `kill(2)`.
    ProcDir {
        dir: ProcDir,
        signals: bool,
    },
    /// Read by pid and compared directly before each `kill(2)`.
    StartTime(StartTime),
    /// Not verified.
    Pid,
}

/// Why a process cannot be opened.
enum OpenFailure {
    Gone,
    Thread,
    Unverified(&'static str),
}

impl HandleKind {
    /// Opens the process that has the pid now. Returns `None` if no process has it.
    ///
    /// # Errors
    /// As for [`Handle::open`](super::handle::Handle::open).
    pub(super) fn open(pid: Pid, verification: Verification) -> Result<Option<Self>, Error> {
        spare_fd::prepare();
        let mut opened = open_pidfd(pid);
        if let Err(OpenFailure::Unverified(_)) = opened {
            opened = open_proc_dir(pid);
        }
        if let Err(OpenFailure::Unverified(reason)) = opened {
            // Even without a verified identity, an unused pid and a thread id are reported as such.
            opened = if_process(pid, HandleKind::Pid).and_then(|by_pid| match verification {
                Verification::Optional => Ok(by_pid),
                Verification::Required => Err(OpenFailure::Unverified(reason)),
            });
        }
        match opened {
            Ok(kind) => Ok(Some(kind)),
            Err(OpenFailure::Gone) => Ok(None),
            Err(OpenFailure::Thread) => Err(Error::NotAProcess(pid)),
            Err(OpenFailure::Unverified(reason)) => Err(Error::IdentityUnavailable { pid, reason }),
        }
    }
}

fn open_pidfd(pid: Pid) -> Result<HandleKind, OpenFailure> {
    if probe::pidfd().is_err() {
        return Err(OpenFailure::Unverified("pidfd_open(2) is not available"));
    }
    match spare_fd::without_spare(|| Pidfd::open(pid)) {
        Ok(Some(pidfd)) => Ok(HandleKind::Pidfd(pidfd)),
        Ok(None) => Err(OpenFailure::Gone),
        Err(Error::NotAProcess(_)) => Err(OpenFailure::Thread),
        Err(_) => Err(OpenFailure::Unverified("pidfd_open(2) failed")),
    }
}

fn open_proc_dir(pid: Pid) -> Result<HandleKind, OpenFailure> {
    procfs::check().map_err(|unusable| OpenFailure::Unverified(unusable_proc(unusable)))?;
    match spare_fd::without_spare(|| ProcDir::open(pid)) {
        Ok(dir) => if_process(pid, HandleKind::ProcDir { dir, signals: probe::proc_signal().is_ok() }),
        Err(errno) if spare_fd::is_temporary(errno) => match settled_start_time(pid) {
            Ok(Some(start)) => if_process(pid, HandleKind::StartTime(start)),
            Ok(None) => Err(OpenFailure::Unverified(HIDDEN)),
            Err(errno) if spare_fd::is_temporary(errno) => {
                Err(OpenFailure::Unverified("no file descriptor is left to read /proc"))
            }
            Err(_) => Err(OpenFailure::Unverified("its start time cannot be read")),
        },
        Err(Errno::EXDEV) => Err(OpenFailure::Unverified(COVERED)),
        Err(_) => Err(OpenFailure::Unverified(HIDDEN)),
    }
}

const COVERED: &str = "no pidfd can be opened, and another mount covers the process in /proc";
const HIDDEN: &str = "no pidfd can be opened, and /proc hides the process";

fn unusable_proc(unusable: Unusable) -> &'static str {
    match unusable {
        Unusable::Absent => "no pidfd can be opened, and /proc is not available",
        Unusable::Foreign => "no pidfd can be opened, and /proc belongs to another PID namespace",
        Unusable::Refused(errno) if spare_fd::is_temporary(errno) => {
            "no file descriptor is left to read /proc"
        }
        Unusable::Refused(_) => "no pidfd can be opened, and /proc cannot be read",
    }
}

/// Returns the kind if the pid is that of a process.
///
/// `/proc/TID` opens like a process, and `kill(tid)` signals the whole process. So this check comes *after* opening.
/// If the id changes from a thread's to a process's in between, the handle is on an exited thread.
fn if_process(pid: Pid, kind: HandleKind) -> Result<HandleKind, OpenFailure> {
    match pid_kind(pid) {
        PidKind::Process => Ok(kind),
        PidKind::Thread => Err(OpenFailure::Thread),
        PidKind::Unused => Err(OpenFailure::Gone),
    }
}

/// Returns the start time of a process, read after its clock tick has ended. A later process with the pid then has a
/// later start time. Returns `None` if the process cannot be read.
///
/// If the process has just been started, this waits for the end of the tick.
fn settled_start_time(pid: Pid) -> Result<Option<StartTime>, Errno> {
    for _ in 0..3 {
        let now = clock::now()?;
        match procfs::by_pid(pid)?.stat()?.map(|stat| stat.starttime) {
            Some(start) if start >= now => thread::sleep(clock::tick()),
            start => return Ok(start),
        }
    }
    Err(Errno::ETIME) // the start time is in the future, so it is from another clock
}
