//! The Windows calls, one function each.

use std::{
    ffi::c_void,
    mem,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::{
    Wdk::{
        Foundation::{NtQueryObject, ObjectBasicInformation},
        System::{
            SystemInformation::{NtQuerySystemInformation, SystemProcessInformation},
            Threading::{NtQueryInformationProcess, ProcessBasicInformation},
        },
    },
    Win32::{
        Foundation::{
            FILETIME, HANDLE, NTSTATUS, RtlNtStatusToDosError, STATUS_INFO_LENGTH_MISMATCH, WAIT_OBJECT_0,
            WAIT_TIMEOUT, WIN32_ERROR,
        },
        System::{
            Threading::{
                GetCurrentProcessId, GetExitCodeProcess, GetProcessId, GetProcessTimes, OpenProcess,
                PROCESS_ACCESS_RIGHTS, PROCESS_BASIC_INFORMATION, PROCESS_NAME_WIN32,
                QueryFullProcessImageNameW, TerminateProcess, WaitForSingleObject,
            },
            WindowsProgramming::{PUBLIC_OBJECT_BASIC_INFORMATION, SYSTEM_PROCESS_INFORMATION},
        },
    },
};

use super::{clock, errno, snapshot};
use crate::{sys::types::StartTime, types::Pid};

/// The exit code of a process that was killed here. libuv uses the same.
const KILLED_EXIT_CODE: u32 = 1;

/// The size of the path buffer in UTF-16 units: the longest path and the null after it.
const MAX_PATH_UNITS: usize = 1 << 15;

/// `GetCurrentProcessId()`
///
/// Returns the pid of the calling process.
pub(crate) fn own_pid() -> Pid {
    // SAFETY: the call has no precondition.
    Pid::from_raw(unsafe { GetCurrentProcessId() }).unwrap_or(Pid::INIT) // it always has one
}

/// `OpenProcess(rights, FALSE, pid)`
///
/// Opens a handle on the process that has the pid now.
///
/// # Errors
/// - `ERROR_INVALID_PARAMETER`: no process has the pid.
/// - `ERROR_ACCESS_DENIED`: the process refuses these rights.
///
/// # References
/// MSDN, `OpenProcess`
pub(super) fn open(pid: Pid, rights: PROCESS_ACCESS_RIGHTS) -> Result<OwnedHandle, WIN32_ERROR> {
    // SAFETY: all arguments are plain integers.
    let handle = unsafe { OpenProcess(rights, 0, pid.as_raw().cast_unsigned()) };
    if handle.is_null() {
        return Err(errno::last());
    }
    // SAFETY: the handle is open, and nothing else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// `GetProcessId(handle)`
///
/// Returns the pid of the process. It can differ from the pid that was opened: Windows rounds down to a multiple of
/// four.
///
/// # References
/// MSDN, `GetProcessId`
pub(super) fn pid(process: &OwnedHandle) -> Option<Pid> {
    // SAFETY: the handle is open.
    Pid::from_raw(unsafe { GetProcessId(raw(process)) })
}

/// `TerminateProcess(handle, 1)`
///
/// Begins to terminate the process. It exits some time later.
///
/// # Errors
/// `ERROR_ACCESS_DENIED`: the handle lacks the right, or the process is already exiting.
///
/// # References
/// MSDN, `TerminateProcess`
pub(super) fn terminate(process: &OwnedHandle) -> Result<(), WIN32_ERROR> {
    // SAFETY: the handle is open.
    check_bool(unsafe { TerminateProcess(raw(process), KILLED_EXIT_CODE) })
}

/// `WaitForSingleObject(handle, 0)`
///
/// Returns whether the process has exited.
///
/// # Errors
/// `ERROR_ACCESS_DENIED`: the handle lacks the right to wait.
///
/// # References
/// MSDN, `WaitForSingleObject`
pub(super) fn has_exited(process: &OwnedHandle) -> Result<bool, WIN32_ERROR> {
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(raw(process), 0) } {
        WAIT_OBJECT_0 => Ok(true),
        WAIT_TIMEOUT => Ok(false),
        _ => Err(errno::last()),
    }
}

/// `GetExitCodeProcess(handle, &code)`
///
/// Returns the exit code. A running process has 259 (`STILL_ACTIVE`), and a process can also exit with 259.
///
/// # Errors
/// Those of the call.
///
/// # References
/// MSDN, `GetExitCodeProcess`
pub(super) fn exit_code(process: &OwnedHandle) -> Result<u32, WIN32_ERROR> {
    let mut code = 0;
    // SAFETY: the handle is open, and the pointer is to a writable u32.
    check_bool(unsafe { GetExitCodeProcess(raw(process), &raw mut code) })?;
    Ok(code)
}

/// `GetProcessTimes(handle, &creation, &exit, &kernel, &user)`
///
/// Returns the creation time of the process.
///
/// # Errors
/// Those of the call.
///
/// # References
/// MSDN, `GetProcessTimes`
pub(super) fn creation_time(process: &OwnedHandle) -> Result<StartTime, WIN32_ERROR> {
    let mut times = [FILETIME::default(); 4];
    let [creation, exit, kernel, user] = &mut times;
    // SAFETY: the handle is open, and each pointer is to a writable FILETIME.
    check_bool(unsafe { GetProcessTimes(raw(process), creation, exit, kernel, user) })?;
    Ok(clock::from_filetime(times[0]))
}

/// `NtQueryInformationProcess(handle, ProcessBasicInformation, …)`
///
/// Returns the pid that the parent had when it created the process. Another process may have reused it since.
///
/// # Errors
/// Those of the call.
///
/// # References
/// MSDN, `NtQueryInformationProcess`
pub(super) fn ppid(process: &OwnedHandle) -> Result<Option<Pid>, WIN32_ERROR> {
    let mut basic = PROCESS_BASIC_INFORMATION::default();
    let (buffer, size) = buffer_of(&mut basic);
    // SAFETY: the handle is open. `buffer` points to `size` writable bytes, and the call writes no more than that.
    let status = unsafe {
        NtQueryInformationProcess(raw(process), ProcessBasicInformation, buffer, size, ptr::null_mut())
    };
    check_status(status)?;
    Ok(Pid::from_raw(basic.InheritedFromUniqueProcessId))
}

/// `NtQueryObject(handle, ObjectBasicInformation, …)`
///
/// Returns the access rights of the handle. A driver that guards a process silently removes rights when the handle is
/// opened. (`ObRegisterCallbacks`)
///
/// # Errors
/// Those of the call.
///
/// # References
/// MSDN, `NtQueryObject`
pub(super) fn granted_access(process: &OwnedHandle) -> Result<PROCESS_ACCESS_RIGHTS, WIN32_ERROR> {
    let mut basic = PUBLIC_OBJECT_BASIC_INFORMATION::default();
    let (buffer, size) = buffer_of(&mut basic);
    // SAFETY: the handle is open. `buffer` points to `size` writable bytes, and the call writes no more than that.
    let status =
        unsafe { NtQueryObject(raw(process), ObjectBasicInformation, buffer, size, ptr::null_mut()) };
    check_status(status)?;
    Ok(basic.GrantedAccess)
}

const _: () = assert!(mem::offset_of!(SYSTEM_PROCESS_INFORMATION, UniqueProcessId) == snapshot::PID_OFFSET);
const _: () = assert!(mem::offset_of!(SYSTEM_PROCESS_INFORMATION, Reserved2) == snapshot::PPID_OFFSET);

/// `NtQuerySystemInformation(SystemProcessInformation, …)`
///
/// Takes a snapshot of all processes, for [`snapshot::entries`] to read. Returns `None` if the call fails.
///
/// # References
/// MSDN, `NtQuerySystemInformation`
pub(super) fn process_snapshot() -> Option<Vec<u8>> {
    let mut length = 1 << 18;
    loop {
        let mut bytes = vec![0_u8; length];
        let (size, mut needed) = (u32::try_from(length).ok()?, 0);
        let buffer = bytes.as_mut_ptr().cast::<c_void>();
        // SAFETY: `buffer` points to `size` writable bytes, and the call writes no more. The other pointer is to a
        // writable u32.
        let status =
            unsafe { NtQuerySystemInformation(SystemProcessInformation, buffer, size, &raw mut needed) };
        if status != STATUS_INFO_LENGTH_MISMATCH {
            return check_status(status).ok().map(|()| bytes);
        }
        // Doubled: new processes may start before the next call.
        length = length.max(needed as usize) * 2;
    }
}

/// `QueryFullProcessImageNameW(handle, 0, path, &length)`
///
/// Returns the path of the program. Returns `None` if the call fails.
///
/// # References
/// MSDN, `QueryFullProcessImageNameW`
pub(super) fn image_path(process: &OwnedHandle) -> Option<String> {
    let mut path = vec![0_u16; MAX_PATH_UNITS];
    let mut length = u32::try_from(path.len()).ok()?;
    // SAFETY: the handle is open. `path` holds `length` writable units, and the call writes no more than that.
    check_bool(unsafe {
        QueryFullProcessImageNameW(raw(process), PROCESS_NAME_WIN32, path.as_mut_ptr(), &raw mut length)
    })
    .ok()?;
    Some(String::from_utf16_lossy(path.get(..length as usize)?))
}

pub(super) fn raw(process: &OwnedHandle) -> HANDLE {
    process.as_raw_handle()
}

fn check_bool(result: i32) -> Result<(), WIN32_ERROR> {
    if result == 0 { Err(errno::last()) } else { Ok(()) }
}

pub(super) fn check_status(status: NTSTATUS) -> Result<(), WIN32_ERROR> {
    // SAFETY: the argument is a plain integer.
    if status < 0 { Err(unsafe { RtlNtStatusToDosError(status) }) } else { Ok(()) }
}

/// Returns a pointer to the struct, and its size in bytes.
fn buffer_of<T>(target: &mut T) -> (*mut c_void, u32) {
    // Each struct has only some words, so the size fits.
    ((&raw mut *target).cast(), u32::try_from(size_of::<T>()).unwrap_or(0))
}
