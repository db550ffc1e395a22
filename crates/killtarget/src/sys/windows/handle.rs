//! The handle of one process.

use std::{
    os::windows::io::{AsRawHandle, OwnedHandle, RawHandle},
    sync::OnceLock,
};

use windows_sys::Win32::{
    Foundation::{ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER, STILL_ACTIVE},
    System::Threading::{PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE},
};

use super::{api, clock, command_line::command_line, errno, guard_board::Board, parent, signals};
use crate::{
    sys::types::{IdOwner, RunState, StartTime},
    types::{Delivery, Error, Exit, Method, Pid, ProcessInfo, Signal, Verification},
};

/// A process. Windows does not reuse its pid while the handle is open.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: Pid,
    pub(super) process: OwnedHandle,
    rights: Rights,
    /// What the process shows, if it is a guard.
    pub(super) board: OnceLock<Board>,
}

/// The access rights of a handle. Each level includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rights {
    Query,
    Wait,
    Terminate,
}

/// From the most to the least. (MSDN, Process Security and Access Rights)
const RIGHTS: [(Rights, u32); 3] = [
    (Rights::Terminate, PROCESS_TERMINATE | PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION),
    (Rights::Wait, PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION),
    (Rights::Query, PROCESS_QUERY_LIMITED_INFORMATION),
];

impl Rights {
    /// Returns the highest level that the granted rights include.
    fn of(granted: u32) -> Self {
        let most = RIGHTS.into_iter().find(|(_, mask)| granted & mask == *mask);
        most.map_or(Self::Query, |(rights, _)| rights)
    }
}

impl Handle {
    /// Opens a handle on the process that has the pid now, with as many rights as Windows grants. Returns `None` if no
    /// process has the pid.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM` if the process refuses even `PROCESS_QUERY_LIMITED_INFORMATION`.
    pub(crate) fn open(pid: Pid, _: Verification) -> Result<Option<Self>, Error> {
        for (rights, mask) in RIGHTS {
            match api::open(pid, mask) {
                // Windows rounded the pid and opened another process: no process has this pid.
                Ok(process) if api::pid(&process) != Some(pid) => return Ok(None),
                Ok(process) => {
                    let rights = api::granted_access(&process).map_or(rights, Rights::of);
                    return Ok(Some(Self { pid, process, rights, board: OnceLock::new() }));
                }
                Err(ERROR_ACCESS_DENIED) => {}
                Err(ERROR_INVALID_PARAMETER) => return Ok(None),
                Err(error) => return Err(errno::of("OpenProcess")(error)),
            }
        }
        Err(errno::not_permitted("OpenProcess"))
    }

    /// Returns how a signal is bound to the process: by handle.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn method(&self) -> Method {
        Method::Handle
    }

    /// Returns true: the handle pins the pid.
    #[allow(clippy::unused_self)] // the same signature on every platform
    pub(crate) fn race_free(&self) -> bool {
        true
    }

    /// Terminates the process: every signal that Windows can send does that. Signal 0 only checks the permission.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM`, or `ENOSYS` for a signal that Windows cannot send.
    pub(crate) fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        if !signals::can_send(signal.as_raw()) {
            return Err(errno::unsupported("kill"));
        }
        if !self.is_alive()? {
            return Ok(Delivery::Gone);
        }
        if self.rights < Rights::Terminate {
            return Err(errno::not_permitted("TerminateProcess"));
        }
        if signal == Signal::PROBE {
            return Ok(Delivery::Delivered);
        }
        match api::terminate(&self.process) {
            // The handle has the right to terminate, so access is denied only because the process is already exiting.
            Ok(()) | Err(ERROR_ACCESS_DENIED) => Ok(Delivery::Delivered),
            Err(error) => Err(errno::of("TerminateProcess")(error)),
        }
    }

    /// Returns whether the process is running.
    ///
    /// # Errors
    /// [`Error::Os`] if `WaitForSingleObject` or `GetExitCodeProcess` fails.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        if self.rights < Rights::Wait {
            // A process that exited with this very code counts as alive.
            return self.exit_code().map(|code| code == STILL_ACTIVE.cast_unsigned());
        }
        api::has_exited(&self.process).map(|has_exited| !has_exited).map_err(errno::of("WaitForSingleObject"))
    }

    /// Returns whether the process is a child of the calling process. Its pid must be, or have been, a child's.
    ///
    /// # Errors
    /// [`Error::Os`] if `NtQueryInformationProcess` fails.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        // The pid is or was a child's, so the process that has it now was created after the calling process. By then
        // the calling process had its own pid: the ppid cannot mean an earlier process.
        Ok(self.ppid()? == Some(api::own_pid()))
    }

    /// Returns the exit status, once the process has exited.
    ///
    /// # Errors
    /// [`Error::Os`] if `GetExitCodeProcess` fails.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        self.exit_code().map(|code| Exit::Code(code.cast_signed()))
    }

    /// Returns the parent. Returns `None` if the parent has exited: no process has its pid, or a later one.
    ///
    /// # Errors
    /// [`Error::Os`] if `NtQueryInformationProcess` or `GetProcessTimes` fails.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        let Some(ppid) = self.ppid()? else { return Ok(None) };
        let owner = match Self::open(ppid, Verification::Required) {
            Ok(Some(parent)) => self.verify_parent(&parent)?,
            Ok(None) => IdOwner::Reused,
            // A process has the pid, and refuses to be queried.
            Err(_) => IdOwner::Unknown,
        };
        // An unverified process counts as the parent: a possible ancestor of the caller must be protected.
        Ok((owner != IdOwner::Reused).then_some(ppid))
    }

    /// Returns whether the process, listed as a child of `parent`, is one. Returns `None` if it has another ppid: the list
    /// was about an earlier process with its pid.
    ///
    /// # Errors
    /// [`Error::Os`] if `NtQueryInformationProcess` or `GetProcessTimes` fails.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Result<Option<IdOwner>, Error> {
        (self.ppid()? == Some(parent.pid)).then(|| self.verify_parent(parent)).transpose()
    }

    /// Returns `None`: Windows shows no such id. The start time stands for it.
    #[allow(clippy::unused_self)] // on other systems it is not
    pub(crate) fn unique_id(&self) -> Option<u64> {
        None
    }

    /// Returns the facts about the process now. Returns `None` if the process has exited.
    ///
    /// # Errors
    /// [`Error::Os`] if a query that `is_alive` or `parent` makes fails.
    pub(crate) fn info(&self) -> Result<Option<(ProcessInfo, Option<StartTime>)>, Error> {
        if !self.is_alive()? {
            return Ok(None);
        }
        let name = api::image_path(&self.process).map(|path| file_name(&path).to_owned());
        let started = self.started()?;
        let info = ProcessInfo {
            pid: self.pid,
            ppid: Some(self.parent()?.map_or(0, Pid::as_raw)),
            pgid: None,
            sid: None,
            name,
            command: command_line(&self.process),
            user: None,
            state: None,
            start_time: started.and_then(clock::system_time),
            token: None,
        };
        Ok(Some((info, started)))
    }

    /// Returns the creation time, also after the exit.
    ///
    /// # Errors
    /// [`Error::Os`] if `GetProcessTimes` fails.
    pub(crate) fn started(&self) -> Result<Option<StartTime>, Error> {
        self.creation_time().map(Some)
    }

    /// Returns the run state. A process that has exited counts as stopped.
    ///
    /// # Errors
    /// [`Error::Os`] if `WaitForSingleObject` or `GetExitCodeProcess` fails.
    pub(crate) fn run_state(&self) -> Result<RunState, Error> {
        Ok(if self.is_alive()? { RunState::Running } else { RunState::Stopped })
    }

    /// Returns true: the handle pins the pid.
    ///
    /// # Errors
    /// None on Windows.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // the same signature on every platform
    pub(crate) fn is_unreaped(&self) -> Result<bool, Error> {
        Ok(true)
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn creation_time(&self) -> Result<StartTime, Error> {
        api::creation_time(&self.process).map_err(errno::of("GetProcessTimes"))
    }

    /// Returns the raw handle to wait on. Returns `None` if the handle lacks that right.
    pub(super) fn waitable(&self) -> Option<RawHandle> {
        (self.rights >= Rights::Wait).then(|| self.process.as_raw_handle())
    }

    /// Returns the pid that the parent had when it created this process.
    fn ppid(&self) -> Result<Option<Pid>, Error> {
        api::ppid(&self.process).map_err(errno::of("NtQueryInformationProcess"))
    }

    /// Verifies by creation time that `parent`, which has this process's ppid, is the parent.
    fn verify_parent(&self, parent: &Self) -> Result<IdOwner, Error> {
        let now = clock::start_time_now().unwrap_or(StartTime::MAX);
        Ok(parent::ppid_owner(parent.creation_time()?, self.creation_time()?, now))
    }

    fn exit_code(&self) -> Result<u32, Error> {
        api::exit_code(&self.process).map_err(errno::of("GetExitCodeProcess"))
    }
}

/// Returns the parent of the calling process. Returns `None` if it has exited.
pub(crate) fn own_parent() -> Option<Pid> {
    Handle::open(api::own_pid(), Verification::Required).ok()??.parent().ok()?
}

fn file_name(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or(path)
}
