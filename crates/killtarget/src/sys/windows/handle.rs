//! One process, and what is done to it through the handle that there is on it.

use std::os::windows::io::{AsRawHandle, OwnedHandle, RawHandle};

use windows_sys::Win32::{
    Foundation::{ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER, STILL_ACTIVE},
    System::Threading::{PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE},
};

use super::{api, clock, errno, parent, signals};
use crate::{
    sys::types::{IdOwner, RunState, StartTime},
    types::{Delivery, Error, Exit, Identity, Method, Pid, ProcessInfo, Signal, Verification},
};

/// A process, for as long as this lives: its number is nobody else's until then.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: Pid,
    pub(super) process: OwnedHandle,
    rights: Rights,
}

/// What the handle may be used for, beside asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rights {
    Ask,
    Wait,
    Terminate,
}

/// From the most to the least. (Process Security and Access Rights)
const RIGHTS: [(Rights, u32); 3] = [
    (Rights::Terminate, PROCESS_TERMINATE | PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION),
    (Rights::Wait, PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION),
    (Rights::Ask, PROCESS_QUERY_LIMITED_INFORMATION),
];

impl Rights {
    fn of(granted: u32) -> Self {
        let most = RIGHTS.into_iter().find(|(_, asked)| granted & asked == *asked);
        most.map_or(Self::Ask, |(rights, _)| rights)
    }
}

impl Handle {
    /// Takes hold of the process that has the number now. `None`: no process has it.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM` where not even the process's facts may be asked for.
    pub(crate) fn open(pid: Pid, _: Verification) -> Result<Option<Self>, Error> {
        for (rights, asked) in RIGHTS {
            match api::open(pid, asked) {
                // Another number was opened: that one is nobody's.
                Ok(process) if api::number(&process) != Some(pid) => return Ok(None),
                Ok(process) => {
                    let rights = api::granted(&process).map_or(rights, Rights::of);
                    return Ok(Some(Self { pid, process, rights }));
                }
                Err(ERROR_ACCESS_DENIED) => {}
                Err(ERROR_INVALID_PARAMETER) => return Ok(None),
                Err(error) => return Err(errno::of("OpenProcess")(error)),
            }
        }
        Err(errno::not_permitted("OpenProcess"))
    }

    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn method(&self) -> Method {
        Method::Handle
    }

    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn race_free(&self) -> bool {
        true
    }

    /// Ends the process: what there is of signals can do nothing else. The signal 0 asks whether that may be done.
    ///
    /// # Errors
    /// [`Error::Os`]: `EPERM`; `ENOSYS` for a signal that can't be sent here.
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
            // It may be ended by this handle, so it is ending already.
            Ok(()) | Err(ERROR_ACCESS_DENIED) => Ok(Delivery::Delivered),
            Err(error) => Err(errno::of("TerminateProcess")(error)),
        }
    }

    /// Whether the process runs.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn is_alive(&self) -> Result<bool, Error> {
        if self.rights < Rights::Wait {
            // One that has ended with this very code is taken to live.
            return self.exit_code().map(|code| code == STILL_ACTIVE.cast_unsigned());
        }
        api::is_over(&self.process).map(|over| !over).map_err(errno::of("WaitForSingleObject"))
    }

    /// Whether the process is a child of the calling one.
    ///
    /// # Errors
    /// None here.
    pub(crate) fn is_child(&self) -> Result<bool, Error> {
        // Whoever has the number that a child of this process has, or had, was created after this one: the number that he names
        // was nobody else's then.
        Ok(self.named_parent()? == Some(api::own_pid()))
    }

    /// How the process ended, once it is over.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn exit(&self) -> Result<Exit, Error> {
        self.exit_code().map(|code| Exit::Code(code.cast_signed()))
    }

    /// The parent. `None`: it is over, and nobody has its number, or somebody who came later.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn parent(&self) -> Result<Option<Pid>, Error> {
        let Some(parent) = self.named_parent()? else { return Ok(None) };
        let owner = match Self::open(parent, Verification::Required) {
            Ok(Some(parent)) => self.born_of(&parent)?,
            Ok(None) => IdOwner::Reused,
            // Somebody is there, of whom nothing may be known.
            Err(_) => IdOwner::Unknown,
        };
        // Who may not be touched is rather taken for the parent.
        Ok((owner != IdOwner::Reused).then_some(parent))
    }

    /// Whose child it is that was listed as that one's. `None`: that was another, who had its number.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn ppid_owner(&self, parent: &Self) -> Result<Option<IdOwner>, Error> {
        (self.named_parent()? == Some(parent.pid)).then(|| self.born_of(parent)).transpose()
    }

    /// By what a later handle on the same number can be told from this one.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, Error> {
        let created = self.created()?;
        let mark = format!("created:{created}");
        Ok(Some(Identity {
            mark,
            settled: clock::start_time_now().is_some_and(|now| created + clock::TICK < now),
        }))
    }

    /// What can be told of the process now. `None`: it is over.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn info(&self) -> Result<Option<ProcessInfo>, Error> {
        if !self.is_alive()? {
            return Ok(None);
        }
        let name = api::image(&self.process).map(|path| file_name(&path).to_owned());
        Ok(Some(ProcessInfo {
            pid: self.pid,
            ppid: Some(self.parent()?.map_or(0, Pid::as_raw)),
            pgid: None,
            sid: None,
            name,
            state: None,
            start_time: self.started()?.and_then(clock::wall),
        }))
    }

    /// When the process was created.
    ///
    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn started(&self) -> Result<Option<StartTime>, Error> {
        self.created().map(Some)
    }

    /// # Errors
    /// [`Error::Os`] where it can't be found out.
    pub(crate) fn run_state(&self) -> Result<RunState, Error> {
        Ok(if self.is_alive()? { RunState::Running } else { RunState::Stopped })
    }

    /// Whether the number is this process's own, as it is while this handle is open.
    ///
    /// # Errors
    /// None here.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // as on other systems
    pub(crate) fn is_unreaped(&self) -> Result<bool, Error> {
        Ok(true)
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn created(&self) -> Result<StartTime, Error> {
        api::created(&self.process).map_err(errno::of("GetProcessTimes"))
    }

    /// What can be waited for.
    pub(super) fn waitable(&self) -> Option<RawHandle> {
        (self.rights >= Rights::Wait).then(|| self.process.as_raw_handle())
    }

    /// By the number that it had when this one was created.
    fn named_parent(&self) -> Result<Option<Pid>, Error> {
        api::inherited_from(&self.process).map_err(errno::of("NtQueryInformationProcess"))
    }

    /// Whose child it is, if it names the number of that one.
    fn born_of(&self, parent: &Self) -> Result<IdOwner, Error> {
        let now = clock::start_time_now().unwrap_or(StartTime::MAX);
        Ok(parent::ppid_owner(parent.created()?, self.created()?, now))
    }

    fn exit_code(&self) -> Result<u32, Error> {
        api::exit_code(&self.process).map_err(errno::of("GetExitCodeProcess"))
    }
}

/// The parent of the calling process, if that is there still.
pub(crate) fn own_parent() -> Option<Pid> {
    Handle::open(api::own_pid(), Verification::Required).ok()??.parent().ok()?
}

fn file_name(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or(path)
}
