//! Signals: the mask, the dispositions, what is pending.

use std::{mem::MaybeUninit, ptr};

use crate::types::Signal;

/// The signals that a process blocks: one bit each. (xnu, `bsd/sys/_types/_sigset_t.h`)
#[derive(Clone, Copy)]
pub(crate) struct Mask(libc::sigset_t);

/// Blocks all signals. Returns those that were blocked.
///
/// # References
/// sigprocmask(2)
pub(crate) fn block_all() -> Mask {
    let mut old = Mask(0);
    set_mask(Mask(libc::sigset_t::MAX), &raw mut old.0);
    old
}

/// Blocks these signals and no others.
pub(crate) fn restore_mask(mask: Mask) {
    set_mask(mask, ptr::null_mut());
}

/// Lets only this signal through.
pub(super) fn unblock_only(signal: Signal) {
    restore_mask(Mask(!bit(signal)));
}

fn set_mask(mask: Mask, old: *mut libc::sigset_t) {
    // SAFETY: the set is valid, and `old` is null or valid. It cannot fail.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const mask.0, old) };
}

fn bit(signal: Signal) -> libc::sigset_t {
    1 << (signal.raw() - 1)
}

/// Returns the blocked signals that wait. They are not taken.
///
/// # References
/// sigpending(2)
pub(crate) fn pending() -> impl Iterator<Item = Signal> {
    let mut set = 0;
    // SAFETY: the set is valid.
    unsafe { libc::sigpending(&raw mut set) };
    (1..=31).filter_map(Signal::new).filter(move |signal| set & bit(*signal) != 0)
}

/// What a process does at a signal.
#[derive(Clone, Copy)]
pub(crate) struct Disposition(libc::sigaction);

/// Gives a signal its default action. Returns what it had.
///
/// # References
/// sigaction(2)
pub(crate) fn reset(signal: Signal) -> Disposition {
    // SAFETY: all zero is the default action, without flags. (xnu, `bsd/sys/signal.h`)
    let default: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    let mut old = Disposition(default);
    // SAFETY: both are valid.
    unsafe { libc::sigaction(signal.raw(), &raw const default, &raw mut old.0) };
    old
}

/// Gives a signal the action that [`reset`] has returned: the default, or none, as this program sets no handler.
pub(crate) fn restore(signal: Signal, disposition: &Disposition) {
    // SAFETY: it is valid.
    unsafe { libc::sigaction(signal.raw(), ptr::from_ref(&disposition.0), ptr::null_mut()) };
}
