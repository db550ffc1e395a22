//! Signals a process by audit token, so that pid reuse cannot misdirect the signal.

use nix::errno::Errno;

/// `struct proc_uniqidentifierinfo`, the result of `PROC_PIDUNIQIDENTIFIERINFO`.
///
/// # References
/// xnu, `bsd/sys/proc_info_private.h`
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UniqueInfo {
    executable_uuid: [u8; 16],
    /// The unique id: no other process ever gets it, and exec keeps it.
    pub(super) id: u64,
    /// The unique id of the process that forked this one.
    pub(super) original_parent_id: u64,
    /// The pid version: exec changes it.
    pub(super) version: i32,
    original_parent_version: i32,
    reserved: [u64; 2],
}

const _: () = assert!(size_of::<UniqueInfo>() == 56, "the kernel checks the size");

/// `audit_token_t`. The kernel reads only two of its fields, the pid and the version.
///
/// # References
/// xnu, `proc_find_audit_token`
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AuditToken([u32; 8]);

impl AuditToken {
    fn new(pid: i32, version: i32) -> Self {
        Self([0, 0, 0, 0, 0, pid.cast_unsigned(), 0, version.cast_unsigned()])
    }
}

/// The result of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Delivered,
    Gone,
}

/// Limits the attempts to signal a process that keeps calling exec.
const MAX_ATTEMPTS: usize = 1000;

/// Signals the process that has this pid and this unique id.
///
/// `read` returns what the kernel says of the process that has the pid now, a zombie included.
/// `send` signals the process that the token names. It fails with `ESRCH` if no running process matches the token.
///
/// # Errors
/// - The errors of `read`.
/// - The errors of `send`, except `ESRCH`.
/// - `EAGAIN`: the process called exec between `read` and `send` in every attempt.
pub(super) fn signal(
    pid: i32,
    id: u64,
    read: impl Fn() -> Result<Option<UniqueInfo>, Errno>,
    send: impl Fn(AuditToken) -> Result<(), Errno>,
) -> Result<Sent, Errno> {
    let mut refused_version = None;
    for _ in 0..MAX_ATTEMPTS {
        let Some(current) = read()?.filter(|current| current.id == id) else { return Ok(Sent::Gone) };
        // The same version: no exec came between, so ESRCH means that the process exits or is a zombie. A zombie
        // accepts any signal.
        if refused_version == Some(current.version) {
            return Ok(Sent::Delivered);
        }
        match send(AuditToken::new(pid, current.version)) {
            Err(Errno::ESRCH) => refused_version = Some(current.version),
            result => return result.map(|()| Sent::Delivered),
        }
    }
    Err(Errno::EAGAIN)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    const PID: i32 = 4711;
    const ID: u64 = 77;

    /// A pid that is reused between calls. Each owner is a unique id and a version; version 0 stands for a zombie.
    struct ReusedPid {
        owners: RefCell<Vec<Option<(u64, i32)>>>,
        signalled: Cell<Option<(u64, i32)>>,
    }

    impl ReusedPid {
        /// Takes the owners in order, and stores them reversed.
        fn new(owners: &[Option<(u64, i32)>]) -> Self {
            let owners = owners.iter().rev().copied().collect();
            Self { owners: RefCell::new(owners), signalled: Cell::new(None) }
        }

        /// Returns the current owner, and moves on to the next one. The last owner stays.
        fn step(&self) -> Option<(u64, i32)> {
            let mut owners = self.owners.borrow_mut();
            if owners.len() > 1 { owners.pop().unwrap() } else { owners[0] }
        }

        fn signal(&self) -> Result<Sent, Errno> {
            let read = || {
                let owner = self.step();
                Ok(owner.map(|(id, version)| UniqueInfo { id, version, ..UniqueInfo::default() }))
            };
            let send = |token: AuditToken| match self.step() {
                Some((id, version)) if version != 0 && token == AuditToken::new(PID, version) => {
                    self.signalled.set(Some((id, version)));
                    Ok(())
                }
                _ => Err(Errno::ESRCH),
            };
            signal(PID, ID, read, send)
        }
    }

    #[test]
    fn an_audit_token_holds_the_pid_and_the_version() {
        assert_eq!(AuditToken::new(PID, 9).0, [0, 0, 0, 0, 0, 4711, 0, 9]);
        assert_eq!(size_of::<AuditToken>(), 32);
        assert_eq!(std::mem::offset_of!(UniqueInfo, id), 16);
        assert_eq!(std::mem::offset_of!(UniqueInfo, version), 32);
    }

    #[test]
    fn a_process_is_signalled_by_its_token() {
        let pid = ReusedPid::new(&[Some((ID, 1))]);
        assert_eq!(pid.signal(), Ok(Sent::Delivered));
        assert_eq!(pid.signalled.get(), Some((ID, 1)));
    }

    #[test]
    fn a_process_that_calls_exec_between_read_and_send_is_signalled() {
        let pid =
            ReusedPid::new(&[Some((ID, 1)), Some((ID, 2)), Some((ID, 2)), Some((ID, 3)), Some((ID, 3))]);
        assert_eq!(pid.signal(), Ok(Sent::Delivered));
        assert_eq!(pid.signalled.get(), Some((ID, 3)));
    }

    #[test]
    fn a_signal_to_a_zombie_counts_as_delivered() {
        let pid = ReusedPid::new(&[Some((ID, 0))]);
        assert_eq!(pid.signal(), Ok(Sent::Delivered));
        assert_eq!(pid.signalled.get(), None);
    }

    #[test]
    fn a_process_that_reuses_the_pid_is_never_signalled() {
        for owners in [
            &[None][..],
            &[Some((ID + 1, 5))],
            &[Some((ID, 1)), Some((ID + 1, 5))],
            &[Some((ID, 1)), None, None],
            &[Some((ID, 1)), Some((ID, 2)), Some((ID + 1, 5))],
        ] {
            let pid = ReusedPid::new(owners);
            assert_eq!(pid.signal(), Ok(Sent::Gone), "{owners:?}");
            assert_eq!(pid.signalled.get(), None, "{owners:?}");
        }
    }

    #[test]
    fn a_process_that_keeps_calling_exec_fails_with_eagain() {
        let version = Cell::new(0);
        let read = || {
            version.set(version.get() + 1);
            Ok(Some(UniqueInfo { id: ID, version: version.get(), ..UniqueInfo::default() }))
        };
        assert_eq!(signal(PID, ID, read, |_| Err(Errno::ESRCH)), Err(Errno::EAGAIN));
        assert_eq!(signal(PID, ID, read, |_| Err(Errno::EPERM)), Err(Errno::EPERM));
    }
}
