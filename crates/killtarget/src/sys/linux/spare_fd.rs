//! A spare file descriptor, for reads when no other is left.
//!
//! A program that has run into its limit may have to terminate its children. Without a descriptor it can read nothing
//! about a process. So this module opens a descriptor early, closes it for the length of a read, and opens it again.
//! If another thread takes the last descriptor in the meantime, `prepare` opens the spare one later.

use std::{
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

/// Runs `open`, which may keep the descriptor that it opens. It never gets the spare one.
pub(super) fn without_spare<T>(open: impl FnOnce() -> T) -> T {
    let _not_lent = SPARE.read().unwrap_or_else(PoisonError::into_inner);
    open()
}

/// Runs `read`. If no descriptor is left, closes the spare one and runs it again.
///
/// `read` must open at most one descriptor at a time and keep none.
pub(super) fn with_spare<T>(read: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    match without_spare(&read) {
        Err(Errno::EMFILE | Errno::ENFILE) => {
            let mut spare = SPARE.write().unwrap_or_else(PoisonError::into_inner);
            drop(spare.take());
            let result = retry(&read);
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

/// Returns whether the error is a shortage of descriptors, threads or memory. It then says nothing about the kernel.
pub(super) fn is_shortage(errno: Errno) -> bool {
    matches!(errno, Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::EAGAIN)
}
