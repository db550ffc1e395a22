//! The calls of libproc.
//!
//! A pid can be reused at any time. Each call returns facts about the process that has the pid then.

use std::{
    ffi::{OsString, c_int, c_void},
    mem,
    os::unix::ffi::OsStringExt,
    path::PathBuf,
    ptr,
    sync::OnceLock,
};

use nix::errno::Errno;

use super::{
    audit_token::{AuditToken, UniqueInfo},
    libproc_result,
};
use crate::types::Pid;

/// xnu, `bsd/sys/proc_info_private.h`.
const PROC_PIDUNIQIDENTIFIERINFO: c_int = 17;
const PROC_PIDLISTTHREADIDS: c_int = 28;

/// `PROC_PIDTHREADINFO` by thread id. (xnu, `bsd/sys/proc_info.h`)
const PROC_PIDTHREADID64INFO: c_int = 15;

/// xnu, `bsd/sys/proc_info.h`.
const PROC_ALL_PIDS: u32 = 1;
const PROC_PGRP_ONLY: u32 = 2;
const PROC_PPID_ONLY: u32 = 6;

/// 4 `MAXPATHLEN`. (xnu, `bsd/sys/proc_info.h`)
const PROC_PIDPATHINFO_MAXSIZE: usize = 4096;

/// The `arg` with which the kernel also finds exiting processes and zombies. (xnu, `proc_pidinfo`: `findzomb`)
const FIND_ZOMBIES: u64 = 1;

/// `proc_pidinfo(pid, PROC_PIDUNIQIDENTIFIERINFO, 1)`
///
/// Reads the unique id and the version of a process, a zombie included. Returns `None` if no process has the pid.
///
/// # Errors
/// Those of the call, except `ESRCH`.
///
/// # References
/// xnu, `bsd/kern/proc_info.c`
pub(super) fn unique_info(pid: Pid) -> Result<Option<UniqueInfo>, Errno> {
    // SAFETY: the kernel writes a `proc_uniqidentifierinfo` for this flavor; all bit patterns are valid for that.
    unsafe { pid_info(pid, PROC_PIDUNIQIDENTIFIERINFO, FIND_ZOMBIES) }
}

/// `proc_pidinfo(pid, PROC_PIDT_SHORTBSDINFO, 1)`
///
/// Reads the facts about a process that every user may read, a zombie included. Returns `None` if no process has the
/// pid.
///
/// # Errors
/// Those of the call, except `ESRCH`.
///
/// # References
/// xnu, `bsd/kern/proc_info.c`: `proc_pidshortbsdinfo`
pub(super) fn short_info(pid: Pid) -> Result<Option<libc::proc_bsdshortinfo>, Errno> {
    // SAFETY: the kernel writes a `proc_bsdshortinfo` for this flavor; all bit patterns are valid for that.
    unsafe { pid_info(pid, libc::PROC_PIDT_SHORTBSDINFO, FIND_ZOMBIES) }
}

/// `proc_pidinfo(pid, PROC_PIDTBSDINFO, 1)`
///
/// Reads the start time and the wait status of a process, a zombie included. Returns `None` if no process has the pid.
///
/// # Errors
/// Those of the call, except `ESRCH`. `EPERM`: the process is another user's.
///
/// # References
/// xnu, `bsd/kern/proc_info.c`
pub(super) fn full_info(pid: Pid) -> Result<Option<libc::proc_bsdinfo>, Errno> {
    // SAFETY: the kernel writes a `proc_bsdinfo` for this flavor; all bit patterns are valid for that.
    unsafe { pid_info(pid, libc::PROC_PIDTBSDINFO, FIND_ZOMBIES) }
}

/// `proc_pidinfo(pid, PROC_PIDUNIQIDENTIFIERINFO, 0)`
///
/// Returns whether the process has begun to exit, or no process has the pid. Nothing can stop the exit any more, but
/// the threads may take a while.
///
/// # Errors
/// Those of the call, except `ESRCH`.
///
/// # References
/// xnu, `proc_prepareexit`: it sets `P_REF_DEAD`, and `proc_find` skips such a process.
pub(super) fn is_exiting(pid: Pid) -> Result<bool, Errno> {
    // SAFETY: the kernel writes a `proc_uniqidentifierinfo` for this flavor; all bit patterns are valid for that.
    let found: Option<UniqueInfo> = unsafe { pid_info(pid, PROC_PIDUNIQIDENTIFIERINFO, 0) }?;
    Ok(found.is_none())
}

/// `proc_pidinfo(pid, PROC_PIDLISTTHREADIDS)`, then `proc_pidinfo(pid, PROC_PIDTHREADID64INFO, id)` for each thread
///
/// Reads the states of the threads, as `TH_STATE_*`. Returns `None` if no process has the pid or the process is
/// exiting.
///
/// # Errors
/// Those of the calls, except `ESRCH`. `EPERM`: the process is another user's.
///
/// # References
/// xnu, `bsd/kern/proc_info.c`; `osfmk/mach/thread_info.h`
pub(super) fn thread_states(pid: Pid) -> Result<Option<Vec<i32>>, Errno> {
    let list = |buffer, size| {
        // SAFETY: `read_all` passes a buffer of `size` bytes, and the kernel writes no more than that.
        unsafe { libc::proc_pidinfo(pid.as_raw(), PROC_PIDLISTTHREADIDS, 0, buffer, size) }
    };
    let ids: Vec<u64> = match read_all(list) {
        Err(Errno::ESRCH) => return Ok(None),
        ids => ids?,
    };
    let mut states = Vec::with_capacity(ids.len());
    for id in ids {
        // SAFETY: the kernel writes a `proc_threadinfo` for this flavor; all bit patterns are valid for that.
        let thread = unsafe { pid_info::<libc::proc_threadinfo>(pid, PROC_PIDTHREADID64INFO, id) }?;
        // The kernel no longer finds a thread that has ended.
        states.extend(thread.map(|thread| thread.pth_run_state));
    }
    Ok(Some(states))
}

/// # Safety
/// The kernel writes a `T` for the flavor, and all bit patterns are valid for a `T`.
unsafe fn pid_info<T>(pid: Pid, flavor: c_int, arg: u64) -> Result<Option<T>, Errno> {
    // SAFETY: all bit patterns are valid for a `T`, as the caller promises, so zeroes are.
    let mut info: T = unsafe { mem::zeroed() };
    let size = c_int::try_from(size_of::<T>()).map_err(|_| Errno::EINVAL)?;
    let buffer = (&raw mut info).cast::<c_void>();
    let written = libproc_result::bytes(|| {
        // SAFETY: `buffer` points to `size` writable bytes, and the kernel writes no more than that.
        unsafe { libc::proc_pidinfo(pid.as_raw(), flavor, arg, buffer, size) }
    });
    match written {
        Err(Errno::ESRCH) => Ok(None),
        Err(errno) => Err(errno),
        Ok(written) if written == size_of::<T>() => Ok(Some(info)),
        Ok(_) => Err(Errno::EIO),
    }
}

/// `proc_pidpath(pid)`
///
/// Returns the path of a process's program. Returns `None` if the process has exited, or the file has no path any more.
///
/// # References
/// xnu, `bsd/kern/proc_info.c`: `proc_pidpathinfo`
pub(super) fn program(pid: Pid) -> Option<PathBuf> {
    let mut buffer = vec![0; PROC_PIDPATHINFO_MAXSIZE];
    let size = u32::try_from(buffer.len()).ok()?;
    let written = libproc_result::bytes(|| {
        // SAFETY: `buffer` has `size` bytes, and the call writes no more than that.
        unsafe { libc::proc_pidpath(pid.as_raw(), buffer.as_mut_ptr().cast(), size) }
    });
    buffer.truncate(written.ok().filter(|written| *written > 0)?);
    Some(OsString::from_vec(buffer).into())
}

/// `proc_listpids(PROC_ALL_PIDS)`
///
/// Lists all processes, zombies included. Returns `None` if the call fails.
pub(super) fn all() -> Option<Vec<Pid>> {
    list(PROC_ALL_PIDS, 0)
}

/// `proc_listpids(PROC_PGRP_ONLY, pgid)`
///
/// Lists the members of a process group, zombies included. Returns `None` if the call fails.
pub(super) fn group_members(pgid: Pid) -> Option<Vec<Pid>> {
    list(PROC_PGRP_ONLY, pgid.as_raw().unsigned_abs())
}

/// `proc_listpids(PROC_PPID_ONLY, pid)`
///
/// Lists the children of a process. Zombies are included, and so are children that another process debugs. The list
/// also has the processes that this process debugs, which are its children to the kernel. Returns `None` if the call
/// fails.
///
/// # References
/// xnu, `proc_listpids`: `p_ppid`, `p_oppid`
pub(super) fn children(parent: Pid) -> Option<Vec<Pid>> {
    list(PROC_PPID_ONLY, parent.as_raw().unsigned_abs())
}

/// `proc_listpids(PROC_ALL_PIDS, 0, NULL, 0)`
///
/// Returns whether the caller may list processes: a sandbox may forbid it. Without a buffer the call only returns the
/// size that it needs.
///
/// # References
/// xnu, `proc_listpids`: `mac_proc_check_proc_info`
pub(super) fn can_list() -> bool {
    let size = libproc_result::bytes(|| {
        // SAFETY: the kernel writes nothing to a null buffer of size 0.
        unsafe { libc::proc_listpids(PROC_ALL_PIDS, 0, ptr::null_mut(), 0) }
    });
    size.is_ok()
}

/// `proc_listpids(type, typeinfo)`
fn list(kind: u32, id: u32) -> Option<Vec<Pid>> {
    let pids: Vec<c_int> = read_all(|buffer, size| {
        // SAFETY: `read_all` passes a buffer of `size` bytes, and the kernel writes no more than that.
        unsafe { libc::proc_listpids(kind, id, buffer, size) }
    })
    .ok()?;
    Some(pids.into_iter().filter_map(|pid| Pid::new(pid).ok()).collect())
}

/// Calls with ever larger buffers until one is not filled: such a call truncates its result without an error.
fn read_all<T: Copy + Default>(call: impl Fn(*mut c_void, c_int) -> c_int) -> Result<Vec<T>, Errno> {
    let mut capacity = 1024;
    loop {
        let mut items = vec![T::default(); capacity];
        let size = c_int::try_from(size_of_val(items.as_slice())).map_err(|_| Errno::ENOMEM)?;
        let count = libproc_result::bytes(|| call(items.as_mut_ptr().cast(), size))? / size_of::<T>();
        if count < capacity {
            items.truncate(count);
            return Ok(items);
        }
        capacity *= 2;
    }
}

type SignalWithAuditToken = unsafe extern "C" fn(*const AuditToken, c_int) -> c_int;

/// Looks up `proc_signal_with_audittoken`. Returns `None` before macOS 14.2 (xnu 10002.61.3).
fn signal_with_audit_token() -> Option<SignalWithAuditToken> {
    static FUNCTION: OnceLock<Option<SignalWithAuditToken>> = OnceLock::new();
    *FUNCTION.get_or_init(|| {
        // SAFETY: the name is a C string, and dlsym only reads it.
        let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"proc_signal_with_audittoken".as_ptr()) };
        // SAFETY: the symbol is not null, and the function of that name has this signature. (xnu, `libproc_internal.h`)
        (!symbol.is_null()).then(|| unsafe { mem::transmute::<*mut c_void, SignalWithAuditToken>(symbol) })
    })
}

/// Returns whether the system can signal by audit token.
pub(super) fn has_audit_token_signal() -> bool {
    signal_with_audit_token().is_some()
}

/// `proc_signal_with_audittoken(&token, signal)`
///
/// Signals the process that the token names. The call returns the error number itself and leaves `errno` alone.
///
/// # Errors
/// - `ESRCH`: no process matches the token, or the process is exiting or a zombie.
/// - `EPERM`: not permitted.
/// - `ENOSYS`: the system has no such call.
///
/// # References
/// macOS 14.2, xnu 10002.61.3, `libproc_internal.h`
pub(super) fn signal(token: AuditToken, signal: i32) -> Result<(), Errno> {
    let call = signal_with_audit_token().ok_or(Errno::ENOSYS)?;
    // SAFETY: the pointer is to a valid token, which the call only reads.
    match unsafe { call(&raw const token, signal) } {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}
