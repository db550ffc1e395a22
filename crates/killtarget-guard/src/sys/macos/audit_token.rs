//! A signal by audit token, so that pid reuse cannot misdirect it.

use crate::sys::error::Errno;

/// `struct proc_uniqidentifierinfo`, the result of `PROC_PIDUNIQIDENTIFIERINFO`.
///
/// # References
/// xnu, `bsd/sys/proc_info_private.h`
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UniqueInfo {
    executable: [u8; 16],
    /// The unique id: no other process ever gets it, and exec keeps it.
    pub(super) id: u64,
    /// The unique id of the process that forked this one. If this one was reparented and then calls exec, that of launchd.
    /// (xnu, `pinsertchild`)
    pub(super) parent_id: u64,
    /// exec changes it.
    pub(super) version: i32,
    /// The version that the process that forked this one had then. It stays. 0 before macOS 15. (xnu, `forkproc`)
    pub(super) parent_version: i32,
    reserved: [u64; 2],
}

const _: () = assert!(size_of::<UniqueInfo>() == 56, "the kernel checks the size");

/// `audit_token_t`, of which the kernel reads the pid and the version. (xnu, `proc_find_audit_token`)
#[repr(C)]
pub(super) struct AuditToken([u32; 8]);

/// Limits the attempts to signal a process that keeps calling exec.
const MAX_ATTEMPTS: usize = 100;

/// Signals the process that has this pid and this unique id. `read` returns what the kernel says of the pid, `send` signals
/// the process that the token names, and fails with `ESRCH` if none does.
///
/// # Errors
/// Those of `send`, but `ESRCH`. `EAGAIN`: the process called exec in between each time.
pub(super) fn signal(
    pid: i32,
    id: u64,
    read: impl Fn() -> Option<UniqueInfo>,
    send: impl Fn(&AuditToken) -> Result<(), Errno>,
) -> Result<(), Errno> {
    let mut refused = None;
    for _ in 0..MAX_ATTEMPTS {
        let Some(now) = read().filter(|now| now.id == id) else { return Ok(()) };
        // The same version: no exec came between, so the process is exiting.
        if refused == Some(now.version) {
            return Ok(());
        }
        let token = AuditToken([0, 0, 0, 0, 0, pid.cast_unsigned(), 0, now.version.cast_unsigned()]);
        match send(&token) {
            Err(Errno::ESRCH) => refused = Some(now.version),
            result => return result,
        }
    }
    Err(Errno(libc::EAGAIN))
}
