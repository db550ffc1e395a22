//! One process, and what is done to it by its unique id.

use std::{
    num::NonZeroI32,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use nix::errno::Errno;
use polling::{
    PollMode, Poller,
    os::kqueue::{PollerKqueueExt, Process, ProcessOps},
};

use super::{
    audit_token::{self, Sent},
    clock, libproc, parent, run_state,
};
use crate::{
    sys::{
        types::{Motion, StartTime, Whose},
        unix::{
            errno,
            process::{self, Child},
            wait_status,
        },
    },
    types::{Delivery, Error, Exit, Identity, Method, Pid, ProcessInfo, Signal, Verification},
};

const ASK: &str = "proc_pidinfo";

/// How long it may take from the moment when the end of a process is told to that in which it is a zombie: a few instructions,
/// on a machine that has time for them.
const LONGEST_END: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_micros(50);

/// A process, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: Pid,
    /// No other process ever has it.
    id: u64,
    /// Found to have been reaped: whoever has the number later is somebody else.
    over: AtomicBool,
    /// Whether the poller was told to tell of it by this handle: a process can be watched once only.
    watched: AtomicBool,
}

impl Handle {
    /// Takes note of the process that has the number now. `None`: no process has it.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be asked for.
    pub(crate) fn open(pid: Pid, _: Verification) -> Result<Option<Self>, Error> {
        let found = libproc::unique(pid).map_err(errno::of(ASK))?;
        let flag = || AtomicBool::new(false);
        Ok(found.map(|unique| Self { pid, id: unique.id, over: flag(), watched: flag() }))
    }

    /// The unique id is compared right before each signal where there are no audit tokens, as elsewhere the start time is.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn method(&self) -> Method {
        if libproc::has_tokens() { Method::AuditToken } else { Method::StartTime }
    }

    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn race_free(&self) -> bool {
        libproc::has_tokens()
    }

    /// # Errors
    /// [`Error::Os`]: `EPERM`.
    pub(crate) fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        let by_number = signal == Signal::PROBE || !libproc::has_tokens();
        let sent = match by_number {
            _ if !self.is_unreaped()? => Ok(Sent::Gone),
            // Nothing is sent, or nothing else can be done; asked by number, it is about this process if it is there still.
            true => match process::kill(self.pid, signal.as_raw()) {
                Ok(()) => Ok(Sent::Delivered),
                // A zombie takes any signal.
                Err(Errno::ESRCH) if self.is_unreaped()? => Ok(Sent::Delivered),
                Err(Errno::ESRCH) => Ok(Sent::Gone),
                Err(errno) => Err(errno),
            },
            false => audit_token::signal(
                self.pid.as_raw(),
                self.id,
                || libproc::unique(self.pid),
                |token| libproc::signal(token, signal.as_raw()),
            ),
        };
        match sent {
            Ok(Sent::Delivered) => Ok(Delivery::Delivered),
            Ok(Sent::Gone) => Ok(Delivery::Gone),
            Err(errno) => {
                Err(errno::of(if by_number { "kill" } else { "proc_signal_with_audittoken" })(errno))
            }
        }
    }

    /// Whether any thread of the process has not ended.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        Ok(self.short()?.is_some_and(|found| !run_state::is_zombie(found.pbsi_status)))
    }

    /// Whether the process is a child of the calling one, be it a zombie.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        let Some(me) = Self::open(process::own_pid(), Verification::Required)? else { return Ok(false) };
        let is_listed = || libproc::children(me.pid).is_some_and(|children| children.contains(&self.pid));
        Ok(match self.whose_child(&me)? {
            Some(Whose::Own) => true,
            // Of who is debugged by another, and has called exec since, only the list tells.
            Some(Whose::Unknown) => is_listed() && self.is_unreaped()?,
            Some(Whose::Others) | None => false,
        })
    }

    /// Whose child it is that was listed as that one's. `None`: it has been reaped or given to another since.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn whose_child(&self, parent: &Self) -> Result<Option<Whose>, Error> {
        let named = (parent.pid.as_raw().unsigned_abs(), parent.id);
        let read = || -> Result<_, Error> {
            let Some((found, born)) = self.short()?.zip(self.about(libproc::unique)?) else {
                return Ok(None);
            };
            Ok(parent::whose_child(found.pbsi_flags, found.pbsi_ppid, born.parent, named))
        };
        // Twice, as a debugger that lets go is the parent still when it is no debugger any more. (xnu, `proc_pidshortbsdinfo`:
        // the parent is read before the flags, without a lock.)
        let whose = read()?;
        Ok(whose.filter(|whose| read().is_ok_and(|again| again == Some(*whose))))
    }

    /// How the process ended, once it is over. Nothing is reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out now.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        // First of all, as whoever has started it may reap it at any time.
        let status = self.status();
        self.await_zombie();
        match (status, self.child()?) {
            (_, Child::Ended(exit)) => Ok(exit),
            (status, _) => Ok(status.map_or(Exit::Unknown, exit::from_wait_status)),
        }
    }

    /// How it has ended, or will once all its threads have. Of other users' processes nothing is told.
    fn status(&self) -> Option<i32> {
        // The status is written before. (xnu, `exit_with_reason`: `p_xstat`, then `proc_prepareexit`)
        let is_ending = libproc::is_ending(self.pid) == Ok(true);
        let found = self.about(libproc::full).ok()??;
        is_ending.then_some(found.pbi_xstatus.cast_signed())
    }

    /// Its end is told a moment before it is a zombie: until then it can't be waited for, and seems to live. (xnu, `proc_exit`:
    /// `NOTE_EXIT`, then `SZOMB`.)
    fn await_zombie(&self) {
        let begun = Instant::now();
        let is_between = || libproc::is_ending(self.pid) == Ok(true) && self.is_alive() == Ok(true);
        while is_between() && begun.elapsed() < LONGEST_END {
            thread::sleep(PAUSE);
        }
    }

    /// The parent, or the debugger. `None`: the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        Ok(self.short()?.and_then(|found| Pid::told(found.pbsi_ppid)))
    }

    /// By what a later handle on the same number can be told from this one. `None`: the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, Error> {
        let identity = Identity { mark: format!("unique:{}", self.id), settled: true };
        Ok(self.is_unreaped()?.then_some(identity))
    }

    /// What can be told of the process now. `None`: it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn info(&self) -> Result<Option<ProcessInfo>, Error> {
        let Some(found) = self.short()? else { return Ok(None) };
        let name = found.pbsi_comm.map(i8::cast_unsigned);
        let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        Ok(Some(ProcessInfo {
            pid: self.pid,
            ppid: Some(found.pbsi_ppid.cast_signed()),
            pgid: Some(found.pbsi_pgid.cast_signed()),
            sid: process::session_of(self.pid).map(Pid::as_raw),
            name: Some(String::from_utf8_lossy(&name[..length]).into_owned()),
            state: run_state::letter(found.pbsi_status),
            start_time: self.started().ok().flatten().and_then(clock::wall),
        }))
    }

    /// When the process was started. `None`: it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out: `EPERM` for other users' processes.
    pub(crate) fn started(&self) -> Result<Option<StartTime>, Error> {
        let found = self.about(libproc::full)?;
        Ok(found.map(|found| clock::ticks(found.pbi_start_tvsec, found.pbi_start_tvusec)))
    }

    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn motion(&self) -> Result<Motion, Error> {
        let Some(found) = self.short()? else { return Ok(Motion::Stopped) };
        // Of those whose threads may not be seen the state of the process has to do.
        let threads = || self.about(libproc::threads).ok().flatten().unwrap_or_default();
        Ok(run_state::motion(found.pbsi_status, threads))
    }

    /// Has the poller tell, under the key, when the process is over. False: it can't, so the process must be looked at.
    ///
    /// # Errors
    /// None here.
    #[allow(clippy::unnecessary_wraps)] // as on other systems
    pub(crate) fn watch(&self, poller: &Poller, key: usize) -> Result<bool, Error> {
        let Some(process) = self.ending() else { return Ok(false) };
        match poller.add_filter(process, key, PollMode::Oneshot) {
            Ok(()) => self.watched.store(true, Ordering::Relaxed),
            // Another handle watches it.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            Err(_) => {
                self.forget(poller);
                return Ok(false);
            }
        }
        // The number may have been another's already. And a debugger is told first: the others once it has taken note.
        let tells = |found: libc::proc_bsdshortinfo| {
            !run_state::is_zombie(found.pbsi_status) && !parent::is_debugged(found.pbsi_flags)
        };
        if self.short().ok().flatten().is_some_and(tells) {
            return Ok(true);
        }
        self.unwatch(poller);
        Ok(false)
    }

    /// Ends [`Handle::watch`].
    pub(crate) fn unwatch(&self, poller: &Poller) {
        if self.watched.swap(false, Ordering::Relaxed) {
            self.forget(poller);
        }
    }

    /// Whether the number is still this process's own, as it is until it has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_unreaped(&self) -> Result<bool, Error> {
        if self.over.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let found = libproc::unique(self.pid).map_err(errno::of(ASK))?;
        let is_unreaped = found.is_some_and(|unique| unique.id == self.id);
        if !is_unreaped {
            self.over.store(true, Ordering::Relaxed);
        }
        Ok(is_unreaped)
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    fn child(&self) -> Result<Child, Error> {
        let number = self.pid.as_raw().unsigned_abs();
        let child = process::child(libc::P_PID, number).map_err(errno::of("waitid"))?;
        // Asked by number: the answer is about this process if it has the number still.
        Ok(if self.is_unreaped()? { child } else { Child::No })
    }

    fn short(&self) -> Result<Option<libc::proc_bsdshortinfo>, Error> {
        self.about(libproc::short)
    }

    /// What is read by number, about this process and no other. `None`: it has been reaped.
    fn about<T>(&self, read: impl Fn(Pid) -> Result<Option<T>, Errno>) -> Result<Option<T>, Error> {
        let found = read(self.pid).map_err(errno::of(ASK))?;
        Ok(if self.is_unreaped()? { found } else { None })
    }

    fn ending(&self) -> Option<Process<'_>> {
        let number = NonZeroI32::new(self.pid.as_raw())?;
        // SAFETY: the kernel takes any number, and says so where nobody has it.
        Some(unsafe { Process::from_pid(number, ProcessOps::Exit) })
    }

    fn forget(&self, poller: &Poller) {
        if let Some(process) = self.ending() {
            // It fails for what is not watched only.
            let _ = poller.delete_filter(process);
        }
    }
}
