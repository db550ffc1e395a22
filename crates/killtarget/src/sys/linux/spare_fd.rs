//! A spare file descriptor, for reads when no other is left.
//!
//! A program that has run into its limit may have to terminate its children. Without a descriptor it can read nothing
//! about a process. So this module opens a descriptor early, closes it for the length of a read, and opens it again.
//! If another thread takes the last descriptor in the meantime, `prepare` opens the spare one later.

use std::{
    cell::Cell,
    os::fd::OwnedFd,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    sys::stat::Mode,
};

/// Locked for writing while the spare descriptor is closed. Whatever else opens one takes the lock for reading, as it
/// might get the descriptor that was set free, and keep it.
static SPARE: RwLock<Option<OwnedFd>> = RwLock::new(None);

/// How often to try again while no descriptor is left.
const MAX_ATTEMPTS: usize = 100;

/// Whether the spare descriptor is open. Can be read without the lock.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Opens the spare descriptor, unless it is open.
pub(crate) fn prepare() {
    if !IS_OPEN.load(Ordering::Relaxed) {
        let _ = open_spare(&mut SPARE.write().unwrap_or_else(PoisonError::into_inner));
    }
}

thread_local! {
    /// Whether this thread has the lock. A lock that is taken twice may wait for itself.
    static HAS_LOCK: Cell<bool> = const { Cell::new(false) };
}

/// Runs `open`, which may keep the descriptor that it opens. It never gets the spare one.
pub(super) fn without_spare<T>(open: impl FnOnce() -> T) -> T {
    if HAS_LOCK.get() {
        return open();
    }
    let _not_lent = SPARE.read().unwrap_or_else(PoisonError::into_inner);
    with_lock(open)
}

fn with_lock<T>(act: impl FnOnce() -> T) -> T {
    struct Lock;
    impl Drop for Lock {
        fn drop(&mut self) {
            HAS_LOCK.set(false);
        }
    }
    HAS_LOCK.set(true);
    let _lock = Lock;
    act()
}

/// Runs `read`. If no descriptor is left, closes the spare one and runs it again.
///
/// `read` must open at most one descriptor at a time and keep none. Within another such read, that one is run again.
pub(super) fn with_spare<T>(read: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    if HAS_LOCK.get() {
        return read();
    }
    match without_spare(&read) {
        Err(Errno::EMFILE | Errno::ENFILE) => {
            let mut spare = SPARE.write().unwrap_or_else(PoisonError::into_inner);
            drop(spare.take());
            let result = with_lock(|| retry(&read));
            let _ = retry(|| open_spare(&mut spare));
            result
        }
        result => result,
    }
}

/// Tries again while no descriptor is left. Another thread's read may have taken the last one, and soon closes it.
fn retry<T>(mut attempt: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 1..MAX_ATTEMPTS {
        match attempt() {
            Err(Errno::EMFILE | Errno::ENFILE) => thread::yield_now(),
            result => return result,
        }
    }
    attempt()
}

/// Opens `/` with `O_PATH`, which needs no permission to read and no device.
fn open_spare(spare: &mut Option<OwnedFd>) -> Result<(), Errno> {
    if spare.is_none() {
        IS_OPEN.store(false, Ordering::Relaxed);
        *spare = Some(open("/", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?);
        IS_OPEN.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// Returns whether the next call may succeed: descriptors, threads or memory ran out, or a signal interrupted the call. Such
/// an error says nothing about the kernel.
pub(super) fn is_temporary(errno: Errno) -> bool {
    matches!(errno, Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::EAGAIN | Errno::EINTR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_is_temporary_and_a_refusal_is_not() {
        assert!(is_temporary(Errno::EINTR));
        assert!(!is_temporary(Errno::EPERM));
    }

    #[test]
    fn a_read_within_a_read_is_left_to_the_outer_one() {
        let (inner, outer) = (Cell::new(0), Cell::new(0));
        let result = with_spare(|| {
            outer.set(outer.get() + 1);
            with_spare(|| {
                inner.set(inner.get() + 1);
                if inner.get() == 1 { Err(Errno::EMFILE) } else { Ok(()) }
            })?;
            without_spare(|| Ok(()))
        });
        assert_eq!((result, inner.get(), outer.get()), (Ok(()), 2, 2));
        assert_eq!(with_spare(|| Err::<(), _>(Errno::EACCES)), Err(Errno::EACCES));
    }
}
