//! The calls of libproc. A pid can be reused at any time: each call is about the process that has it then.

use std::{ffi::c_int, mem::MaybeUninit, ptr};

use super::audit_token::UniqueInfo;
use crate::types::Process;

/// xnu, `bsd/sys/proc_info_private.h`, `bsd/sys/proc_info.h`.
const PROC_PIDUNIQIDENTIFIERINFO: c_int = 17;
const PROC_ALL_PIDS: u32 = 1;
const PROC_PPID_ONLY: u32 = 6;

/// The argument with which the kernel finds zombies, too. (xnu, `proc_pidinfo`: `findzomb`)
const FIND_ZOMBIES: u64 = 1;

/// Returns the facts about a process, a zombie included. Returns `None` if no process has the pid.
pub(crate) fn process(pid: i32) -> Option<Process> {
    let birth = birth(pid)?;
    let (short, session) = (short_info(pid)?, session_of(pid));
    // The pid was not reused between the calls if it has the same unique id after them.
    let is_same = unique_info(pid)?.id == birth.id;
    let group = short.pbsi_pgid.cast_signed();
    is_same.then_some(Process { group, session, has_exited: short.pbsi_status == libc::SZOMB, ..birth })
}

/// Returns the session of a process, 0 for a zombie. (xnu, `getsid`: `proc_find`)
fn session_of(pid: i32) -> i32 {
    // SAFETY: the call takes a number.
    unsafe { libc::getsid(pid) }.max(0)
}

/// Returns what a single call tells: who has forked a process, but not its group, its session and its state.
pub(crate) fn birth(pid: i32) -> Option<Process> {
    unique_info(pid).map(|unique| Process {
        pid,
        id: unique.id,
        version: unique.version,
        parent_id: unique.parent_id,
        parent_version: unique.parent_version,
        group: 0,
        session: 0,
        has_exited: false,
    })
}

/// Returns whether a process has not begun to exit. Until then its children are its own. (xnu, `proc_prepareexit` comes before
/// the children get another parent, and without the argument the kernel does not find the process any more: `P_REF_DEAD`)
pub(crate) fn is_running(pid: i32, id: u64) -> bool {
    // SAFETY: as for `unique_info`.
    unsafe { read::<UniqueInfo>(pid, PROC_PIDUNIQIDENTIFIERINFO, 0) }.is_some_and(|info| info.id == id)
}

/// Returns the unique id of a process, a zombie included.
pub(crate) fn unique_id(pid: i32) -> Option<u64> {
    unique_info(pid).map(|info| info.id)
}

/// `proc_pidinfo(pid, PROC_PIDUNIQIDENTIFIERINFO, 1)`
pub(super) fn unique_info(pid: i32) -> Option<UniqueInfo> {
    // SAFETY: the kernel writes this structure for this flavor, of which all bit patterns are values.
    unsafe { read(pid, PROC_PIDUNIQIDENTIFIERINFO, FIND_ZOMBIES) }
}

/// `proc_pidinfo(pid, PROC_PIDT_SHORTBSDINFO, 1)`
pub(super) fn short_info(pid: i32) -> Option<libc::proc_bsdshortinfo> {
    // SAFETY: as above.
    unsafe { read(pid, libc::PROC_PIDT_SHORTBSDINFO, FIND_ZOMBIES) }
}

/// Returns the start time in microseconds since 1970. Returns `None` if no process has the pid, or if it is another user's.
pub(crate) fn start_of(pid: i32) -> Option<u64> {
    // SAFETY: as above.
    let info: libc::proc_bsdinfo = unsafe { read(pid, libc::PROC_PIDTBSDINFO, FIND_ZOMBIES) }?;
    Some(info.pbi_start_tvsec.saturating_mul(1_000_000).saturating_add(info.pbi_start_tvusec))
}

/// # Safety
/// The kernel writes a `T` for the flavor, and all bit patterns are values of a `T`.
unsafe fn read<T>(pid: i32, flavor: c_int, argument: u64) -> Option<T> {
    let mut info = MaybeUninit::<T>::zeroed();
    let size = c_int::try_from(size_of::<T>()).ok()?;
    // SAFETY: the kernel writes no more than `size` bytes.
    let written = unsafe { libc::proc_pidinfo(pid, flavor, argument, info.as_mut_ptr().cast(), size) };
    // SAFETY: all bit patterns are values, as the caller promises.
    (written == size).then(|| unsafe { info.assume_init() })
}

/// Lists the pids of all processes, zombies included, as far as they fit.
pub(crate) fn list_all(pids: &mut [i32]) -> &[i32] {
    list(PROC_ALL_PIDS, 0, pids)
}

/// Lists the children of a process, zombies included, and those that it debugs.
pub(crate) fn list_children(parent: i32, pids: &mut [i32]) -> &[i32] {
    list(PROC_PPID_ONLY, parent.cast_unsigned(), pids)
}

/// `proc_listpids(type, typeinfo)`: one step under the lock of the kernel's list. (xnu, `bsd/kern/proc_info.c`)
fn list(kind: u32, id: u32, pids: &mut [i32]) -> &[i32] {
    let size = c_int::try_from(size_of_val(pids)).unwrap_or(c_int::MAX);
    // SAFETY: the kernel writes no more than `size` bytes.
    let written = unsafe { libc::proc_listpids(kind, id, pids.as_mut_ptr().cast(), size) };
    let count = usize::try_from(written).unwrap_or(0) / size_of::<i32>();
    pids.get(..count).unwrap_or_default()
}

/// `proc_pidinfo(own, PROC_PIDLISTFDS)`: the open descriptors of this process, as far as they fit.
pub(super) fn own_descriptors(found: &mut [libc::proc_fdinfo]) -> &[libc::proc_fdinfo] {
    let size = c_int::try_from(size_of_val(found)).unwrap_or(c_int::MAX);
    let buffer = ptr::from_mut(found).cast();
    // SAFETY: the kernel writes no more than `size` bytes.
    let written = unsafe { libc::proc_pidinfo(libc::getpid(), libc::PROC_PIDLISTFDS, 0, buffer, size) };
    let count = usize::try_from(written).unwrap_or(0) / size_of::<libc::proc_fdinfo>();
    found.get(..count).unwrap_or_default()
}
