//! Taking hold of a process by the best that can be had here.

use std::thread;

use nix::errno::Errno;

use super::{
    clock,
    pid_lookup::{Numbered, numbered},
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
pub(super) enum Hold {
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
enum Unheld {
    Gone,
    Thread,
    Because(&'static str),
}

impl Hold {
    /// The best that there is on the process that has the number now. `None`: no process has it.
    ///
    /// # Errors
    /// [`Error::NotAProcess`], [`Error::IdentityUnavailable`].
    pub(super) fn take(pid: Pid, verification: Verification) -> Result<Option<Self>, Error> {
        spare_fd::prepare();
        let mut found = hold_by_pidfd(pid);
        if let Err(Unheld::Because(_)) = found {
            found = hold_by_proc(pid);
        }
        if let Err(Unheld::Because(reason)) = found {
            // What can't be held can still be seen not to be there, or to be a thread.
            found = if_process(pid, Hold::Number).and_then(|number| match verification {
                Verification::Optional => Ok(number),
                Verification::Required => Err(Unheld::Because(reason)),
            });
        }
        match found {
            Ok(hold) => Ok(Some(hold)),
            Err(Unheld::Gone) => Ok(None),
            Err(Unheld::Thread) => Err(Error::NotAProcess(pid)),
            Err(Unheld::Because(reason)) => Err(Error::IdentityUnavailable { pid, reason }),
        }
    }
}

fn hold_by_pidfd(pid: Pid) -> Result<Hold, Unheld> {
    if probe::pidfd().is_err() {
        return Err(Unheld::Because("there is no pidfd_open(2)"));
    }
    match Pidfd::open(pid) {
        Ok(Some(pidfd)) => Ok(Hold::Pidfd(pidfd)),
        Ok(None) => Err(Unheld::Gone),
        Err(Error::NotAProcess(_)) => Err(Unheld::Thread),
        Err(_) => Err(Unheld::Because("pidfd_open(2) failed")),
    }
}

fn hold_by_proc(pid: Pid) -> Result<Hold, Unheld> {
    procfs::check().map_err(|unusable| Unheld::Because(why(&unusable)))?;
    match ProcDir::open(pid) {
        Ok(dir) => if_process(pid, Hold::ProcDir { dir, signals: probe::proc_signal().is_ok() }),
        Err(errno) if spare_fd::is_shortage(errno) => match settled_start(pid) {
            Ok(Some(start)) => if_process(pid, Hold::StartTime(start)),
            Ok(None) => Err(Unheld::Because(HIDDEN)),
            Err(errno) if spare_fd::is_shortage(errno) => {
                Err(Unheld::Because("no file descriptor is left to read /proc"))
            }
            Err(_) => Err(Unheld::Because("its start time can't be read")),
        },
        Err(_) => Err(Unheld::Because(HIDDEN)),
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
fn if_process(pid: Pid, hold: Hold) -> Result<Hold, Unheld> {
    match numbered(pid) {
        Numbered::Process => Ok(hold),
        Numbered::Thread => Err(Unheld::Thread),
        Numbered::Nothing => Err(Unheld::Gone),
    }
}

/// The start time of a process, read when its clock tick was over, so that nobody who gets the number after this
/// process can have the same one. For a process that was started just now this takes a tick.
fn settled_start(pid: Pid) -> Result<Option<StartTime>, Errno> {
    for _ in 0..3 {
        let now = clock::now()?;
        match procfs::numbered(pid).stat()?.map(|stat| stat.starttime) {
            Some(start) if start >= now => thread::sleep(clock::tick()),
            start => return Ok(start),
        }
    }
    Err(Errno::ETIME) // it lies in the future: another clock's
}
