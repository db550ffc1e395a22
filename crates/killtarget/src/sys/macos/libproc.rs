//! What the kernel is asked, one call each.
//!
//! What a number means can change at any time: what is read by it is about whoever has it now.

use std::{
    ffi::{c_int, c_void},
    mem, ptr,
    sync::OnceLock,
};

use nix::errno::Errno;

use super::{
    audit_token::{AuditToken, Unique},
    libproc_result,
};
use crate::types::Pid;

/// xnu, `bsd/sys/proc_info_private.h`.
const PROC_PIDUNIQIDENTIFIERINFO: c_int = 17;
const PROC_PIDLISTTHREADIDS: c_int = 28;

/// xnu, `bsd/sys/proc_info.h`: `PROC_PIDTHREADINFO` for an id of a thread.
const PROC_PIDTHREADID64INFO: c_int = 15;

/// xnu, `bsd/sys/proc_info.h`.
const PROC_ALL_PIDS: u32 = 1;
const PROC_PGRP_ONLY: u32 = 2;
const PROC_PPID_ONLY: u32 = 6;

/// So that those are found, too, who are ending, or are zombies. (xnu, `proc_pidinfo`: `findzomb`)
const ZOMBIES: u64 = 1;

/// `proc_pidinfo(pid, PROC_PIDUNIQIDENTIFIERINFO)`: who has the number. `None`: nobody.
///
/// # Errors
/// What the kernel says but `ESRCH`.
pub(super) fn unique(pid: Pid) -> Result<Option<Unique>, Errno> {
    // SAFETY: the flavor gives this struct, in which any bytes are valid.
    unsafe { info(pid, PROC_PIDUNIQIDENTIFIERINFO) }
}

/// `proc_pidinfo(pid, PROC_PIDT_SHORTBSDINFO)`, which everyone may ask of everyone. `None`: nobody has the number.
///
/// # Errors
/// What the kernel says but `ESRCH`.
pub(super) fn short(pid: Pid) -> Result<Option<libc::proc_bsdshortinfo>, Errno> {
    // SAFETY: the flavor gives this struct, in which any bytes are valid.
    unsafe { info(pid, libc::PROC_PIDT_SHORTBSDINFO) }
}

/// `proc_pidinfo(pid, PROC_PIDTBSDINFO)`. `None`: nobody has the number.
///
/// # Errors
/// What the kernel says but `ESRCH`: `EPERM` for other users' processes.
pub(super) fn full(pid: Pid) -> Result<Option<libc::proc_bsdinfo>, Errno> {
    // SAFETY: the flavor gives this struct, in which any bytes are valid.
    unsafe { info(pid, libc::PROC_PIDTBSDINFO) }
}

/// Whether whoever has the number has begun to end, or nobody has it. Who has begun can't be kept from it, though it may take
/// its threads a while. (xnu, `proc_prepareexit`: `P_REF_DEAD`, by which `proc_find` overlooks him.)
///
/// # Errors
/// What the kernel says but `ESRCH`.
pub(super) fn is_ending(pid: Pid) -> Result<bool, Errno> {
    // SAFETY: the flavor gives this struct, in which any bytes are valid.
    let found: Option<Unique> = unsafe { info_about(pid, PROC_PIDUNIQIDENTIFIERINFO, 0) }?;
    Ok(found.is_none())
}

/// What the threads of a process are at, by `TH_STATE_*`. `None`: nobody has the number who is not ending.
///
/// # Errors
/// What the kernel says but `ESRCH`: `EPERM` for other users' processes.
pub(super) fn threads(pid: Pid) -> Result<Option<Vec<i32>>, Errno> {
    let list = |target, size| {
        // SAFETY: writes at most `size` bytes to the pointer, which is good for as many.
        unsafe { libc::proc_pidinfo(pid.as_raw(), PROC_PIDLISTTHREADIDS, 0, target, size) }
    };
    let ids: Vec<u64> = match read_all(list) {
        Err(Errno::ESRCH) => return Ok(None),
        ids => ids?,
    };
    let mut states = Vec::with_capacity(ids.len());
    for id in ids {
        // SAFETY: the flavor gives this struct, in which any bytes are valid.
        let thread = unsafe { info_about::<libc::proc_threadinfo>(pid, PROC_PIDTHREADID64INFO, id) }?;
        // One that is not found is over.
        states.extend(thread.map(|thread| thread.pth_run_state));
    }
    Ok(Some(states))
}

/// # Safety
/// The flavor gives a `T`, in which any bytes are valid.
unsafe fn info<T>(pid: Pid, flavor: c_int) -> Result<Option<T>, Errno> {
    // SAFETY: as promised.
    unsafe { info_about(pid, flavor, ZOMBIES) }
}

/// # Safety
/// As for [`info`].
unsafe fn info_about<T>(pid: Pid, flavor: c_int, about: u64) -> Result<Option<T>, Errno> {
    // SAFETY: as promised, zeroes are valid.
    let mut found: T = unsafe { mem::zeroed() };
    let size = c_int::try_from(size_of::<T>()).map_err(|_| Errno::EINVAL)?;
    let target = (&raw mut found).cast::<c_void>();
    let written = libproc_result::bytes(|| {
        // SAFETY: writes at most `size` bytes to the pointer, which is good for as many.
        unsafe { libc::proc_pidinfo(pid.as_raw(), flavor, about, target, size) }
    });
    match written {
        Err(Errno::ESRCH) => Ok(None),
        Err(errno) => Err(errno),
        Ok(written) if written == size_of::<T>() => Ok(Some(found)),
        Ok(_) => Err(Errno::EIO),
    }
}

/// Everyone, zombies too. `None`: it can't be read.
pub(super) fn all() -> Option<Vec<Pid>> {
    list(PROC_ALL_PIDS, 0)
}

/// Those in a process group, zombies too. `None`: it can't be read.
pub(super) fn members(group: Pid) -> Option<Vec<Pid>> {
    list(PROC_PGRP_ONLY, group.as_raw().unsigned_abs())
}

/// The children of a process, zombies and those whom another debugs too; and whom the process debugs, who are its children for
/// as long. `None`: it can't be read. (xnu, `proc_listpids`: `p_ppid`, `p_oppid`)
pub(super) fn children(parent: Pid) -> Option<Vec<Pid>> {
    list(PROC_PPID_ONLY, parent.as_raw().unsigned_abs())
}

/// Whether processes may be listed: a sandbox may forbid it. (xnu, `proc_listpids`: `mac_proc_check_proc_info`. Without a
/// buffer it says how large one has to be.)
pub(super) fn may_list() -> bool {
    let size = libproc_result::bytes(|| {
        // SAFETY: there is nothing to write to, and room for nothing.
        unsafe { libc::proc_listpids(PROC_ALL_PIDS, 0, ptr::null_mut(), 0) }
    });
    size.is_ok()
}

/// `proc_listpids(type, typeinfo)`.
fn list(kind: u32, of: u32) -> Option<Vec<Pid>> {
    let pids: Vec<c_int> = read_all(|target, size| {
        // SAFETY: writes at most `size` bytes to the pointer, which is good for as many.
        unsafe { libc::proc_listpids(kind, of, target, size) }
    })
    .ok()?;
    Some(pids.into_iter().filter_map(|pid| Pid::new(pid).ok()).collect())
}

/// All that a call has to tell, which fills in as much as fits.
fn read_all<T: Copy + Default>(call: impl Fn(*mut c_void, c_int) -> c_int) -> Result<Vec<T>, Errno> {
    let mut room = 1024;
    loop {
        let mut found = vec![T::default(); room];
        let size = c_int::try_from(size_of_val(found.as_slice())).map_err(|_| Errno::ENOMEM)?;
        let count = libproc_result::bytes(|| call(found.as_mut_ptr().cast(), size))? / size_of::<T>();
        if count < room {
            found.truncate(count);
            return Ok(found);
        }
        room *= 2;
    }
}

type SignalWithToken = unsafe extern "C" fn(*const AuditToken, c_int) -> c_int;

/// `proc_signal_with_audittoken(&token, signal)`, which came with macOS 14.2 (xnu 10002.61.3). It gives the error itself.
fn signal_with_token() -> Option<SignalWithToken> {
    static FOUND: OnceLock<Option<SignalWithToken>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        // SAFETY: takes a name that ends in a zero, and looks through what is loaded.
        let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"proc_signal_with_audittoken".as_ptr()) };
        // SAFETY: what has that name is this function. (xnu, `libproc_internal.h`)
        (!symbol.is_null()).then(|| unsafe { mem::transmute::<*mut c_void, SignalWithToken>(symbol) })
    })
}

/// Whether processes can be signalled by audit token.
pub(super) fn has_tokens() -> bool {
    signal_with_token().is_some()
}

/// Signals whom the token names.
///
/// # Errors
/// `ESRCH`: nobody, or one that is ending, be that a zombie. `EPERM`. `ENOSYS` where there is no such call.
pub(super) fn signal(token: AuditToken, signal: i32) -> Result<(), Errno> {
    let call = signal_with_token().ok_or(Errno::ENOSYS)?;
    // SAFETY: reads a token from the pointer, which is good for one.
    match unsafe { call(&raw const token, signal) } {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}
