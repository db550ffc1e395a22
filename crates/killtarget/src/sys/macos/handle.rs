//! The handle of one process: a pid, and the unique id that verifies it.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;

use super::{
    arguments,
    audit_token::{self, Sent},
    clock, libproc, parent, run_state, sysctl,
};
use crate::{
    sys::{
        types::{IdOwner, RunState, StartTime},
        unix::{errno, process},
    },
    types::{CommandLine, Delivery, Error, Method, Pid, ProcessInfo, Signal, Verification},
};

const PROC_PIDINFO: &str = "proc_pidinfo";

/// A process, for as long as the handle lives.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(super) pid: Pid,
    /// The unique id, which no other process ever gets.
    id: u64,
    /// Whether the process was found reaped. Any later process with the pid is another one.
    is_reaped: AtomicBool,
    /// Whether this handle registered the process with the poller, which accepts one registration a process.
    pub(super) is_watched: AtomicBool,
}

impl Handle {
    /// Opens a handle on the process that has the pid now. Returns `None` if no process has it.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn open(pid: Pid, _: Verification) -> Result<Option<Self>, Error> {
        let found = libproc::unique_info(pid).map_err(errno::of(PROC_PIDINFO))?;
        let flag = || AtomicBool::new(false);
        Ok(found.map(|unique| Self { pid, id: unique.id, is_reaped: flag(), is_watched: flag() }))
    }

    /// Returns how a signal is bound to the process.
    ///
    /// Without audit tokens, the core verifies the unique id right before each signal. That leaves the same race as
    /// a start time does elsewhere.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn method(&self) -> Method {
        if libproc::has_audit_token_signal() { Method::AuditToken } else { Method::StartTime }
    }

    /// Returns whether signals go by audit token.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn race_free(&self) -> bool {
        libproc::has_audit_token_signal()
    }

    /// Signals the process.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM`.
    pub(crate) fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        let by_pid = signal == Signal::PROBE || !libproc::has_audit_token_signal();
        let sent = match by_pid {
            _ if !self.is_unreaped()? => Ok(Sent::Gone),
            // A probe sends nothing, and its answer is about this process if that is unreaped afterwards. For other
            // signals there is no better call.
            true => match process::kill(self.pid, signal.as_raw()) {
                Ok(()) => Ok(Sent::Delivered),
                // kill(2) does not find a zombie here, yet a zombie accepts any signal.
                Err(Errno::ESRCH) if self.is_unreaped()? => Ok(Sent::Delivered),
                Err(Errno::ESRCH) => Ok(Sent::Gone),
                Err(errno) => Err(errno),
            },
            false => audit_token::signal(
                self.pid.as_raw(),
                self.id,
                || libproc::unique_info(self.pid),
                |token| libproc::signal(token, signal.as_raw()),
            ),
        };
        match sent {
            Ok(Sent::Delivered) => Ok(Delivery::Delivered),
            Ok(Sent::Gone) => Ok(Delivery::Gone),
            Err(errno) => Err(errno::of(if by_pid { "kill" } else { "proc_signal_with_audittoken" })(errno)),
        }
    }

    /// Returns whether any thread of the process is left.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        Ok(self.short_info()?.is_some_and(|info| !run_state::is_zombie(info.pbsi_status)))
    }

    /// Returns whether the process, listed as a child of `parent`, is one. Returns `None` if it was reaped or
    /// reparented since.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Result<Option<IdOwner>, Error> {
        let parent_ids = (parent.pid.as_raw().unsigned_abs(), parent.id);
        let read = || -> Result<_, Error> {
            let Some((short, unique)) = self.short_info()?.zip(self.read_verified(libproc::unique_info)?)
            else {
                return Ok(None);
            };
            Ok(parent::ppid_owner(short.pbsi_flags, short.pbsi_ppid, unique.original_parent_id, parent_ids))
        };
        // Read twice, as a debugger may detach between the kernel's two reads. The first still names it as the parent;
        // the second no longer finds it in the flags. (xnu, `proc_pidshortbsdinfo`: the parent first, without a lock.)
        let owner = read()?;
        Ok(owner.filter(|owner| read().is_ok_and(|again| again == Some(*owner))))
    }

    /// Returns the parent, or the debugger of a traced process. Returns `None` if the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        Ok(self.short_info()?.and_then(|info| Pid::from_raw(info.pbsi_ppid)))
    }

    /// Returns the unique id, which no other process has until the next boot.
    #[allow(clippy::unnecessary_wraps)] // other systems have none
    pub(crate) fn unique_id(&self) -> Option<u64> {
        Some(self.id)
    }

    /// Returns the facts about the process now. Returns `None` if the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn info(&self) -> Result<Option<(ProcessInfo, Option<StartTime>)>, Error> {
        let Some(info) = self.short_info()? else { return Ok(None) };
        let name = info.pbsi_comm.map(i8::cast_unsigned);
        let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let started = self.started().ok().flatten();
        let info = ProcessInfo {
            pid: self.pid,
            ppid: Some(info.pbsi_ppid.cast_signed()),
            pgid: Some(info.pbsi_pgid.cast_signed()),
            sid: process::read_session(self.pid).unwrap_or(None).map(Pid::as_raw),
            name: Some(String::from_utf8_lossy(&name[..length]).into_owned()),
            command: self.command_line(),
            user: Some(info.pbsi_uid),
            state: run_state::letter(info.pbsi_status),
            start_time: started.and_then(clock::system_time),
            token: None,
        };
        Ok(Some((info, started)))
    }

    /// Returns the arguments. Returns `None` for another user's process.
    fn command_line(&self) -> Option<CommandLine> {
        let buffer = self.read_verified(|pid| Ok(sysctl::arguments(pid))).ok()??;
        let text = arguments::split(&buffer)?.join(&0);
        Some(CommandLine::new(String::from_utf8_lossy(&text).into_owned()))
    }

    /// Returns the start time. Returns `None` if the process has been reaped.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails: `EPERM` for another user's process.
    pub(crate) fn started(&self) -> Result<Option<StartTime>, Error> {
        let info = self.read_verified(libproc::full_info)?;
        Ok(info.map(|info| clock::from_timeval(info.pbi_start_tvsec, info.pbi_start_tvusec)))
    }

    /// Returns the run state. A reaped process counts as stopped.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn run_state(&self) -> Result<RunState, Error> {
        let Some(info) = self.short_info()? else { return Ok(RunState::Stopped) };
        // The kernel refuses the threads of another user's process. Then the state of the process decides alone.
        let threads = || self.read_verified(libproc::thread_states).ok().flatten().unwrap_or_default();
        Ok(run_state::run_state(info.pbsi_status, threads))
    }

    /// Returns whether the process still has its pid: it keeps that until it is reaped.
    ///
    /// # Errors
    /// [`Error::Os`] if `proc_pidinfo` fails.
    pub(crate) fn is_unreaped(&self) -> Result<bool, Error> {
        if self.is_reaped.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let found = libproc::unique_info(self.pid).map_err(errno::of(PROC_PIDINFO))?;
        let is_unreaped = found.is_some_and(|unique| unique.id == self.id);
        if !is_unreaped {
            self.is_reaped.store(true, Ordering::Relaxed);
        }
        Ok(is_unreaped)
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn short_info(&self) -> Result<Option<libc::proc_bsdshortinfo>, Error> {
        self.read_verified(libproc::short_info)
    }

    /// Reads by pid, then verifies that the pid is still this process's. Returns `None` if the process has been reaped.
    pub(super) fn read_verified<T>(
        &self,
        read: impl Fn(Pid) -> Result<Option<T>, Errno>,
    ) -> Result<Option<T>, Error> {
        let found = read(self.pid).map_err(errno::of(PROC_PIDINFO))?;
        Ok(if self.is_unreaped()? { found } else { None })
    }
}
