//! Signalling the one process that has a unique id.

use nix::errno::Errno;

/// `struct proc_uniqidentifierinfo`, what `PROC_PIDUNIQIDENTIFIERINFO` gives. (xnu, `bsd/sys/proc_info_private.h`)
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unique {
    program: [u8; 16],
    /// No other process ever gets it; the process keeps it over exec.
    pub(super) id: u64,
    /// That of the process that it was forked by.
    pub(super) parent: u64,
    /// Another one after each exec.
    pub(super) version: i32,
    parent_version: i32,
    reserved: [u64; 2],
}

const _: () = assert!(size_of::<Unique>() == 56, "the kernel checks the size");

/// `audit_token_t`. Of its fields the kernel looks at the pid and the version. (xnu, `proc_find_audit_token`)
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AuditToken([u32; 8]);

impl AuditToken {
    fn new(pid: i32, version: i32) -> Self {
        Self([0, 0, 0, 0, 0, pid.cast_unsigned(), 0, version.cast_unsigned()])
    }
}

/// What became of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Delivered,
    Gone,
}

/// How often a process is tried that calls exec again and again.
const MAX_ATTEMPTS: usize = 1000;

/// Signals the process that has the number and this unique id: `read` tells who has the number now, be that a zombie, and
/// `send` signals whom the token names, or fails with `ESRCH` where nobody fits it.
///
/// # Errors
/// Those of `read`; those of `send`, but for `ESRCH`; `EAGAIN` for a process that called exec each time between the two.
pub(super) fn signal(
    pid: i32,
    id: u64,
    read: impl Fn() -> Result<Option<Unique>, Errno>,
    send: impl Fn(AuditToken) -> Result<(), Errno>,
) -> Result<Sent, Errno> {
    let mut refused = None;
    for _ in 0..MAX_ATTEMPTS {
        let Some(now) = read()?.filter(|now| now.id == id) else { return Ok(Sent::Gone) };
        // It has not called exec, so it is over or about to be: a zombie takes any signal.
        if refused == Some(now.version) {
            return Ok(Sent::Delivered);
        }
        match send(AuditToken::new(pid, now.version)) {
            Err(Errno::ESRCH) => refused = Some(now.version),
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

    /// A number that is one process's after another's, by unique id and version; a zombie has the version 0 here.
    struct Number {
        owners: RefCell<Vec<Option<(u64, i32)>>>,
        signalled: Cell<Option<(u64, i32)>>,
    }

    impl Number {
        /// From the last to the first.
        fn of(owners: &[Option<(u64, i32)>]) -> Self {
            let owners = owners.iter().rev().copied().collect();
            Self { owners: RefCell::new(owners), signalled: Cell::new(None) }
        }

        /// Who has it, and who has it at the next step.
        fn step(&self) -> Option<(u64, i32)> {
            let mut owners = self.owners.borrow_mut();
            if owners.len() > 1 { owners.pop().unwrap() } else { owners[0] }
        }

        fn signal(&self) -> Result<Sent, Errno> {
            let read = || {
                let owner = self.step();
                Ok(owner.map(|(id, version)| Unique { id, version, ..Unique::default() }))
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
    fn a_token_holds_the_pid_and_the_version() {
        assert_eq!(AuditToken::new(PID, 9).0, [0, 0, 0, 0, 0, 4711, 0, 9]);
        assert_eq!(size_of::<AuditToken>(), 32);
        assert_eq!(std::mem::offset_of!(Unique, id), 16);
        assert_eq!(std::mem::offset_of!(Unique, version), 32);
    }

    #[test]
    fn the_process_is_signalled_by_its_token() {
        let number = Number::of(&[Some((ID, 1))]);
        assert_eq!(number.signal(), Ok(Sent::Delivered));
        assert_eq!(number.signalled.get(), Some((ID, 1)));
    }

    #[test]
    fn one_that_calls_exec_meanwhile_is_signalled_all_the_same() {
        let number = Number::of(&[Some((ID, 1)), Some((ID, 2)), Some((ID, 2)), Some((ID, 3)), Some((ID, 3))]);
        assert_eq!(number.signal(), Ok(Sent::Delivered));
        assert_eq!(number.signalled.get(), Some((ID, 3)));
    }

    #[test]
    fn a_zombie_takes_any_signal_and_nobody_is_signalled() {
        let number = Number::of(&[Some((ID, 0))]);
        assert_eq!(number.signal(), Ok(Sent::Delivered));
        assert_eq!(number.signalled.get(), None);
    }

    #[test]
    fn whoever_gets_the_number_later_is_never_signalled() {
        for owners in [
            &[None][..],
            &[Some((ID + 1, 5))],
            &[Some((ID, 1)), Some((ID + 1, 5))],
            &[Some((ID, 1)), None, None],
            &[Some((ID, 1)), Some((ID, 2)), Some((ID + 1, 5))],
        ] {
            let number = Number::of(owners);
            assert_eq!(number.signal(), Ok(Sent::Gone), "{owners:?}");
            assert_eq!(number.signalled.get(), None, "{owners:?}");
        }
    }

    #[test]
    fn one_that_calls_exec_for_ever_is_given_up_on() {
        let version = Cell::new(0);
        let read = || {
            version.set(version.get() + 1);
            Ok(Some(Unique { id: ID, version: version.get(), ..Unique::default() }))
        };
        assert_eq!(signal(PID, ID, read, |_| Err(Errno::ESRCH)), Err(Errno::EAGAIN));
        assert_eq!(signal(PID, ID, read, |_| Err(Errno::EPERM)), Err(Errno::EPERM));
    }
}
