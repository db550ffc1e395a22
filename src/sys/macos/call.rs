//! What the kernel is asked, one call each.
//!
//! What a number means can change at any time: what is read by it is about whoever has it now.

use std::{
    ffi::{c_int, c_void},
    mem,
    sync::OnceLock,
};

use nix::errno::Errno;

use super::token::{AuditToken, Unique};
use crate::pid::Pid;

/// xnu, `bsd/sys/proc_info_private.h`.
const PROC_PIDUNIQIDENTIFIERINFO: c_int = 17;

/// xnu, `bsd/sys/proc_info.h`.
const PROC_ALL_PIDS: u32 = 1;
const PROC_PGRP_ONLY: u32 = 2;
const PROC_PPID_ONLY: u32 = 6;

/// So that zombies are found, too. (xnu, `proc_pidinfo`: `findzomb`)
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

/// # Safety
/// The flavor gives a `T`, in which any bytes are valid.
unsafe fn info<T>(pid: Pid, flavor: c_int) -> Result<Option<T>, Errno> {
    // SAFETY: as promised, zeroes are valid.
    let mut found: T = unsafe { mem::zeroed() };
    let size = c_int::try_from(size_of::<T>()).map_err(|_| Errno::EINVAL)?;
    let target = (&raw mut found).cast::<c_void>();
    // SAFETY: writes at most `size` bytes to the pointer, which is good for as many.
    let written = unsafe { libc::proc_pidinfo(pid.as_raw(), flavor, ZOMBIES, target, size) };
    match written {
        // It says 0 for -1. (xnu, `libproc.c`)
        ..=0 => match Errno::last() {
            Errno::ESRCH => Ok(None),
            errno => Err(errno),
        },
        written if written == size => Ok(Some(found)),
        _ => Err(Errno::EIO),
    }
}

/// Everyone, zombies too. `None`: it can't be read.
pub(super) fn everyone() -> Option<Vec<Pid>> {
    list(PROC_ALL_PIDS, 0)
}

/// Those in a process group, zombies too. `None`: it can't be read.
pub(super) fn members(group: Pid) -> Option<Vec<Pid>> {
    list(PROC_PGRP_ONLY, group.as_raw().unsigned_abs())
}

/// The children of a process, zombies too. `None`: it can't be read.
pub(super) fn children(parent: Pid) -> Option<Vec<Pid>> {
    list(PROC_PPID_ONLY, parent.as_raw().unsigned_abs())
}

/// `proc_listpids(type, typeinfo)`. The kernel fills in as many as fit.
fn list(kind: u32, of: u32) -> Option<Vec<Pid>> {
    let mut room = 1024;
    loop {
        let mut pids: Vec<c_int> = vec![0; room];
        let size = c_int::try_from(size_of_val(pids.as_slice())).ok()?;
        // SAFETY: writes at most `size` bytes to the pointer, which is good for as many.
        let written = unsafe { libc::proc_listpids(kind, of, pids.as_mut_ptr().cast::<c_void>(), size) };
        let count = usize::try_from(written).ok()? / size_of::<c_int>();
        if count < room {
            pids.truncate(count);
            return Some(pids.into_iter().filter_map(|pid| Pid::new(pid).ok()).collect());
        }
        room *= 2;
    }
}

type SignalWithToken = unsafe extern "C" fn(*const AuditToken, c_int) -> c_int;

/// `proc_signal_with_audittoken(&token, signal)`, which came in the course of macOS 14. It gives the error itself.
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
/// `ESRCH`: nobody, or one that is ending. `EPERM`. `ENOSYS` where there is no such call.
pub(super) fn signal(token: AuditToken, signal: i32) -> Result<(), Errno> {
    let call = signal_with_token().ok_or(Errno::ENOSYS)?;
    // SAFETY: reads a token from the pointer, which is good for one.
    match unsafe { call(&raw const token, signal) } {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}
