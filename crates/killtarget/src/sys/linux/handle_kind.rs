//! Taking hold of a process by the best that can be had here.

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

/// By what a process is held.
#[derive(Debug)]
pub(super) enum HandleKind {
    Pidfd(Pidfd),
    /// `signals`: the kernel takes it in place of a pidfd. If not, it is looked into right before each `kill(2)`.
    ProcDir {
        dir: ProcDir,
        signals: bool,
    },
    /// Looked up by number, and compared right before each `kill(2)`.
    StartTime(StartTime),
    Number,
}

/// Why there is no hold on a process.
enum OpenFailure {
    Gone,
    Thread,
    Because(&'static str),
}

impl HandleKind {
    /// The best that there is on the process that has the number now. `None`: no process has it.
    ///
    /// # Errors
    /// [`Error::NotAProcess`], [`Error::IdentityUnavailable`].
    pub(super) fn open(pid: Pid, verification: Verification) -> Result<Option<Self>, Error> {
        spare_fd::prepare();
        let mut found = open_pidfd(pid);
        if let Err(OpenFailure::Because(_)) = found {
            found = open_proc_dir(pid);
        }
        if let Err(OpenFailure::Because(reason)) = found {
            // What can't be held can still be seen not to be there, or to be a thread.
            found = if_process(pid, HandleKind::Number).and_then(|number| match verification {
                Verification::Optional => Ok(number),
                Verification::Required => Err(OpenFailure::Because(reason)),
            });
        }
        match found {
            Ok(kind) => Ok(Some(kind)),
            Err(OpenFailure::Gone) => Ok(None),
            Err(OpenFailure::Thread) => Err(Error::NotAProcess(pid)),
            Err(OpenFailure::Because(reason)) => Err(Error::IdentityUnavailable { pid, reason }),
        }
    }
}

fn open_pidfd(pid: Pid) -> Result<HandleKind, OpenFailure> {
    if probe::pidfd().is_err() {
        return Err(OpenFailure::Because("there is no pidfd_open(2)"));
    }
    match Pidfd::open(pid) {
        Ok(Some(pidfd)) => Ok(HandleKind::Pidfd(pidfd)),
        Ok(None) => Err(OpenFailure::Gone),
        Err(Error::NotAProcess(_)) => Err(OpenFailure::Thread),
        Err(_) => Err(OpenFailure::Because("pidfd_open(2) failed")),
    }
}

fn open_proc_dir(pid: Pid) -> Result<HandleKind, OpenFailure> {
    procfs::check().map_err(|unusable| OpenFailure::Because(why(&unusable)))?;
    match ProcDir::open(pid) {
        Ok(dir) => if_process(pid, HandleKind::ProcDir { dir, signals: probe::proc_signal().is_ok() }),
        Err(errno) if spare_fd::is_shortage(errno) => match settled_start_time(pid) {
            Ok(Some(start)) => if_process(pid, HandleKind::StartTime(start)),
            Ok(None) => Err(OpenFailure::Because(HIDDEN)),
            Err(errno) if spare_fd::is_shortage(errno) => {
                Err(OpenFailure::Because("no file descriptor is left to read /proc"))
            }
            Err(_) => Err(OpenFailure::Because("its start time can't be read")),
        },
        Err(_) => Err(OpenFailure::Because(HIDDEN)),
    }
}

const HIDDEN: &str = "there is no pidfd_open(2), and /proc hides it";

pub(super) fn why(unusable: &Unusable) -> &'static str {
    match unusable {
        Unusable::Absent => "there is no pidfd_open(2), and no /proc",
        Unusable::Foreign => "there is no pidfd_open(2), and /proc is another PID namespace's",
    }
}

/// A thread can be opened in `/proc` and signalled by number as if it were a process. What is held is no thread if
/// the number is a process's *afterwards*: had it been a thread's before, the hold is on something that is over.
fn if_process(pid: Pid, kind: HandleKind) -> Result<HandleKind, OpenFailure> {
    match pid_kind(pid) {
        PidKind::Process => Ok(kind),
        PidKind::Thread => Err(OpenFailure::Thread),
        PidKind::Unused => Err(OpenFailure::Gone),
    }
}

/// The start time of a process, read when its clock tick was over, so that nobody who gets the number after this
/// process can have the same one. For a process that was started just now this takes a tick.
fn settled_start_time(pid: Pid) -> Result<Option<StartTime>, Errno> {
    for _ in 0..3 {
        let now = clock::now()?;
        match procfs::by_pid(pid).stat()?.map(|stat| stat.starttime) {
            Some(start) if start >= now => thread::sleep(clock::tick()),
            start => return Ok(start),
        }
    }
    Err(Errno::ETIME) // it lies in the future: another clock's
}
