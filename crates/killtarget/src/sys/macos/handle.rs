//! One process, and what is done to it by its unique id.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;

use super::{
    audit_token::{self, Sent},
    clock, libproc, parent, run_state,
};
use crate::{
    sys::{
        types::{IdOwner, RunState, StartTime},
        unix::{errno, process},
    },
    types::{Delivery, Error, Identity, Method, Pid, ProcessInfo, Signal, Verification},
};

const ASK: &str = "proc_pidinfo";

/// A process, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(super) pid: Pid,
    /// No other process ever has it.
    id: u64,
    /// Found to have been reaped: whoever has the number later is somebody else.
    over: AtomicBool,
    /// Whether the poller was told to tell of it by this handle: a process can be watched once only.
    pub(super) watched: AtomicBool,
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

    /// Whose child it is that was listed as that one's. `None`: it has been reaped or given to another since.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Result<Option<IdOwner>, Error> {
        let named = (parent.pid.as_raw().unsigned_abs(), parent.id);
        let read = || -> Result<_, Error> {
            let Some((found, born)) = self.short()?.zip(self.about(libproc::unique)?) else {
                return Ok(None);
            };
            Ok(parent::ppid_owner(found.pbsi_flags, found.pbsi_ppid, born.parent, named))
        };
        // Twice, as a debugger that lets go is the parent still when it is no debugger any more. (xnu, `proc_pidshortbsdinfo`:
        // the parent is read before the flags, without a lock.)
        let owner = read()?;
        Ok(owner.filter(|owner| read().is_ok_and(|again| again == Some(*owner))))
    }

    /// The parent, or the debugger. `None`: the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        Ok(self.short()?.and_then(|found| Pid::from_raw(found.pbsi_ppid)))
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
    pub(crate) fn run_state(&self) -> Result<RunState, Error> {
        let Some(found) = self.short()? else { return Ok(RunState::Stopped) };
        // Of those whose threads may not be seen the state of the process has to do.
        let threads = || self.about(libproc::threads).ok().flatten().unwrap_or_default();
        Ok(run_state::run_state(found.pbsi_status, threads))
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

    pub(super) fn short(&self) -> Result<Option<libc::proc_bsdshortinfo>, Error> {
        self.about(libproc::short)
    }

    /// What is read by number, about this process and no other. `None`: it has been reaped.
    pub(super) fn about<T>(
        &self,
        read: impl Fn(Pid) -> Result<Option<T>, Errno>,
    ) -> Result<Option<T>, Error> {
        let found = read(self.pid).map_err(errno::of(ASK))?;
        Ok(if self.is_unreaped()? { found } else { None })
    }
}
