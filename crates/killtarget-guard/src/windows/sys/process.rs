//! Processes.

use std::{
    os::windows::io::{AsRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::{
    Wdk::System::Threading::{NtQueryInformationProcess, ProcessBasicInformation},
    Win32::{
        Foundation::{FILETIME, HANDLE},
        System::Threading::{
            ExitProcess, GetCurrentProcess, GetCurrentProcessId, GetExitCodeProcess, GetProcessTimes,
            OpenProcess, PROCESS_BASIC_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
        },
    },
};

use super::{
    error::{Code, owned},
    objects::Waitable,
};

/// A process, for as long as this value lives.
pub(in crate::windows) struct Process(pub(super) OwnedHandle);

impl Process {
    /// Opens the process that has the pid now.
    ///
    /// # Errors
    /// Those of `OpenProcess`.
    pub(in crate::windows) fn open(pid: i32) -> Result<Self, Code> {
        let rights = PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION;
        // SAFETY: all arguments are plain integers, and the handle is new.
        unsafe { owned(OpenProcess(rights, 0, pid.cast_unsigned())) }.map(Self)
    }

    pub(in crate::windows) fn creation_time(&self) -> Option<u64> {
        creation_time(self.0.as_raw_handle())
    }

    pub(in crate::windows) fn has_exited(&self) -> bool {
        self.waitable().is_signalled()
    }

    /// Returns the exit code, or `None` if it has not exited.
    pub(in crate::windows) fn exit_code(&self) -> Option<u32> {
        let mut code = 0;
        // SAFETY: the handle is open, and the pointer is to a writable u32.
        let result = unsafe { GetExitCodeProcess(self.0.as_raw_handle(), &raw mut code) };
        (self.has_exited() && result != 0).then_some(code)
    }

    pub(in crate::windows) fn waitable(&self) -> Waitable {
        Waitable::of(&self.0)
    }
}

pub(in crate::windows) fn own_pid() -> u32 {
    // SAFETY: the call has no precondition.
    unsafe { GetCurrentProcessId() }
}

pub(in crate::windows) fn own_creation_time() -> Option<u64> {
    creation_time(own())
}

/// Returns the pid of the process that has started this one. Another process may have it now.
pub(in crate::windows) fn parent_pid() -> Option<i32> {
    let mut facts = PROCESS_BASIC_INFORMATION::default();
    let size = size_of_val(&facts) as u32;
    let buffer = (&raw mut facts).cast();
    // SAFETY: `buffer` points to `size` writable bytes, and the last pointer may be null.
    let status =
        unsafe { NtQueryInformationProcess(own(), ProcessBasicInformation, buffer, size, ptr::null_mut()) };
    if status < 0 { None } else { i32::try_from(facts.InheritedFromUniqueProcessId).ok() }
}

pub(in crate::windows) fn exit(code: u32) -> ! {
    // SAFETY: the call has no precondition.
    unsafe { ExitProcess(code) }
}

/// A handle that is always open.
fn own() -> HANDLE {
    // SAFETY: the call has no precondition.
    unsafe { GetCurrentProcess() }
}

fn creation_time(process: HANDLE) -> Option<u64> {
    let mut times = [FILETIME::default(); 4];
    let [creation, exit, kernel, user] = &mut times;
    // SAFETY: the handle is open, and each pointer is to a writable FILETIME.
    let result = unsafe { GetProcessTimes(process, creation, exit, kernel, user) };
    let [FILETIME { dwLowDateTime: low, dwHighDateTime: high }, ..] = times;
    (result != 0).then_some(u64::from(high) << 32 | u64::from(low))
}
