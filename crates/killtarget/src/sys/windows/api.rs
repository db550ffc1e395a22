//! What Windows is asked, one call each.

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

use super::{clock::ticks, errno, snapshot};
use crate::{sys::types::StartTime, types::Pid};

/// What `TerminateProcess` leaves as the exit code, as libuv has it.
const EXIT_CODE: u32 = 1;

/// How many units a path may have, with the zero after it.
const MAX_PATH_UNITS: usize = 1 << 15;

/// The calling process.
pub(crate) fn own_pid() -> Pid {
    // SAFETY: takes nothing and gives a number.
    Pid::from_raw(unsafe { GetCurrentProcessId() }).unwrap_or(Pid::INIT) // it always has one
}

/// `OpenProcess(rights, FALSE, pid)`.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER`: no process has the number. `ERROR_ACCESS_DENIED`.
pub(super) fn open(pid: Pid, rights: PROCESS_ACCESS_RIGHTS) -> Result<OwnedHandle, WIN32_ERROR> {
    // SAFETY: takes three numbers.
    let handle = unsafe { OpenProcess(rights, 0, pid.as_raw().cast_unsigned()) };
    if handle.is_null() {
        return Err(errno::last());
    }
    // SAFETY: a handle that was opened just now, and is nobody else's.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// `GetProcessId(handle)`: numbers that are no multiples of four are rounded when they are opened.
pub(super) fn number(process: &OwnedHandle) -> Option<Pid> {
    // SAFETY: the handle is open.
    Pid::from_raw(unsafe { GetProcessId(raw(process)) })
}

/// `TerminateProcess(handle, 1)`. The process is over some time later.
///
/// # Errors
/// `ERROR_ACCESS_DENIED`: it is not permitted by this handle, or the process is ending already.
pub(super) fn terminate(process: &OwnedHandle) -> Result<(), WIN32_ERROR> {
    // SAFETY: the handle is open.
    told(unsafe { TerminateProcess(raw(process), EXIT_CODE) })
}

/// `WaitForSingleObject(handle, 0)`: whether the process is over.
///
/// # Errors
/// `ERROR_ACCESS_DENIED`: it can't be waited for by this handle.
pub(super) fn is_over(process: &OwnedHandle) -> Result<bool, WIN32_ERROR> {
    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(raw(process), 0) } {
        WAIT_OBJECT_0 => Ok(true),
        WAIT_TIMEOUT => Ok(false),
        _ => Err(errno::last()),
    }
}

/// `GetExitCodeProcess(handle)`: of a process that runs it is 259, which one may have ended with, too.
pub(super) fn exit_code(process: &OwnedHandle) -> Result<u32, WIN32_ERROR> {
    let mut code = 0;
    // SAFETY: the handle is open; writes a number to the pointer, which is good for one.
    told(unsafe { GetExitCodeProcess(raw(process), &raw mut code) })?;
    Ok(code)
}

/// `GetProcessTimes(handle)`: when the process was created.
///
/// # Errors
/// What Windows says.
pub(super) fn created(process: &OwnedHandle) -> Result<StartTime, WIN32_ERROR> {
    let mut times = [FILETIME::default(); 4];
    let [created, exited, kernel, user] = &mut times;
    // SAFETY: the handle is open; writes a time to each pointer, which is good for one.
    told(unsafe { GetProcessTimes(raw(process), created, exited, kernel, user) })?;
    Ok(ticks(times[0]))
}

/// `NtQueryInformationProcess(handle, ProcessBasicInformation)`: the number that the parent had. By now it may be another's.
///
/// # Errors
/// What Windows says.
pub(super) fn inherited_from(process: &OwnedHandle) -> Result<Option<Pid>, WIN32_ERROR> {
    let mut basic = PROCESS_BASIC_INFORMATION::default();
    let (target, size) = room(&mut basic);
    // SAFETY: the handle is open; writes at most `size` bytes to the pointer, which is good for as many.
    let status = unsafe {
        NtQueryInformationProcess(raw(process), ProcessBasicInformation, target, size, ptr::null_mut())
    };
    answered(status)?;
    Ok(Pid::from_raw(basic.InheritedFromUniqueProcessId))
}

/// `NtQueryObject(handle, ObjectBasicInformation)`: what the handle may be used for. Drivers that guard a process take rights
/// away from what was asked for, and say nothing. (`ObRegisterCallbacks`)
///
/// # Errors
/// What Windows says.
pub(super) fn granted(process: &OwnedHandle) -> Result<PROCESS_ACCESS_RIGHTS, WIN32_ERROR> {
    let mut basic = PUBLIC_OBJECT_BASIC_INFORMATION::default();
    let (target, size) = room(&mut basic);
    // SAFETY: the handle is open; writes at most `size` bytes to the pointer, which is good for as many.
    let status =
        unsafe { NtQueryObject(raw(process), ObjectBasicInformation, target, size, ptr::null_mut()) };
    answered(status)?;
    Ok(basic.GrantedAccess)
}

const _: () = assert!(mem::offset_of!(SYSTEM_PROCESS_INFORMATION, UniqueProcessId) == snapshot::PID);
const _: () = assert!(mem::offset_of!(SYSTEM_PROCESS_INFORMATION, Reserved2) == snapshot::PARENT);

/// `NtQuerySystemInformation(SystemProcessInformation)`: everyone, as [`snapshot::entries`] reads it. `None`: it can't be read.
pub(super) fn all() -> Option<Vec<u8>> {
    let mut length = 1 << 18;
    loop {
        let mut bytes = vec![0_u8; length];
        let (size, mut needed) = (u32::try_from(length).ok()?, 0);
        let target = bytes.as_mut_ptr().cast::<c_void>();
        // SAFETY: writes at most `size` bytes to the first pointer, which is good for as many, and a number to the other.
        let status =
            unsafe { NtQuerySystemInformation(SystemProcessInformation, target, size, &raw mut needed) };
        if status != STATUS_INFO_LENGTH_MISMATCH {
            return answered(status).ok().map(|()| bytes);
        }
        // Others may have come by then.
        length = length.max(needed as usize) * 2;
    }
}

/// `QueryFullProcessImageNameW(handle, 0)`: the path of the program.
pub(super) fn image(process: &OwnedHandle) -> Option<String> {
    let mut path = vec![0_u16; MAX_PATH_UNITS];
    let mut length = u32::try_from(path.len()).ok()?;
    // SAFETY: the handle is open; writes at most `length` units to the pointer, which is good for as many.
    told(unsafe {
        QueryFullProcessImageNameW(raw(process), PROCESS_NAME_WIN32, path.as_mut_ptr(), &raw mut length)
    })
    .ok()?;
    Some(String::from_utf16_lossy(path.get(..length as usize)?))
}

pub(super) fn raw(process: &OwnedHandle) -> HANDLE {
    process.as_raw_handle()
}

fn told(succeeded: i32) -> Result<(), WIN32_ERROR> {
    if succeeded == 0 { Err(errno::last()) } else { Ok(()) }
}

fn answered(status: NTSTATUS) -> Result<(), WIN32_ERROR> {
    // SAFETY: takes a number and gives one.
    if status < 0 { Err(unsafe { RtlNtStatusToDosError(status) }) } else { Ok(()) }
}

/// Where a call may write, and how many bytes.
fn room<T>(target: &mut T) -> (*mut c_void, u32) {
    // They are structs of some words.
    ((&raw mut *target).cast(), u32::try_from(size_of::<T>()).unwrap_or(0))
}
