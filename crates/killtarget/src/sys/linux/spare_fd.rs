//! One file descriptor kept for the day when there is none.
//!
//! A program that has run into its limit is one that needs to end its children, and without a descriptor nothing
//! about a process can be read. So one is held from the start, given up for the length of a reading and taken again.
//! Another thread may be quicker; then it is taken again when there are some.

use std::{
    os::fd::OwnedFd,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    sys::stat::Mode,
};

static SPARE: Mutex<Option<OwnedFd>> = Mutex::new(None);

/// How often to try where there seems to be no descriptor.
const ATTEMPTS: usize = 100;

/// Whether it is held, to be asked without the lock.
static HELD: AtomicBool = AtomicBool::new(false);

/// Takes the spare descriptor, while there are some, unless it is held.
pub(crate) fn prepare() {
    if !HELD.load(Ordering::Relaxed) {
        let _ = take(&mut SPARE.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Runs `read`, which opens at most one descriptor at a time and keeps none, with the spare one where no other is left.
pub(super) fn with_spare<T>(read: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    match read() {
        Err(Errno::EMFILE | Errno::ENFILE) => {
            let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
            drop(spare.take());
            let result = persistently(&read);
            let _ = persistently(|| take(&mut spare));
            result
        }
        result => result,
    }
}

/// Tries again where another thread was quicker: its own reading gives the place back in a moment.
fn persistently<T>(mut attempt: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(Errno::EMFILE | Errno::ENFILE) => thread::yield_now(),
            result => return result,
        }
    }
    attempt()
}

/// An `O_PATH` descriptor needs no device and no permission to read.
fn take(spare: &mut Option<OwnedFd>) -> Result<(), Errno> {
    if spare.is_none() {
        HELD.store(false, Ordering::Relaxed);
        *spare = Some(open("/", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?);
        HELD.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// No file descriptor is left, no thread, or no memory for one: says nothing about what the kernel can do.
pub(super) fn is_shortage(errno: Errno) -> bool {
    matches!(errno, Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::EAGAIN)
}
