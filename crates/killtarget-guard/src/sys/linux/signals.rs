//! Signals, by raw calls.

use std::{
    mem,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    ptr,
};

use crate::{
    sys::{
        error::{Errno, owned},
        processes::own_pid,
    },
    types::Signal,
};

/// The size of the kernel's signal set in bytes.
const SET_SIZE: usize = 8;

/// The signals that a process blocks.
#[derive(Clone, Copy)]
pub(crate) struct Mask(u64);

impl Mask {
    fn only(signal: Signal) -> Self {
        Self(1 << (signal.raw() - 1))
    }

    fn all_but(signal: Signal) -> Self {
        Self(!Self::only(signal).0)
    }
}

/// Blocks all signals. Returns those that were blocked.
///
/// # References
/// `rt_sigprocmask`(2)
pub(crate) fn block_all() -> Mask {
    let mut old = Mask(0);
    set_mask(&Mask(u64::MAX), &raw mut old);
    old
}

/// Blocks these signals and no others.
pub(crate) fn restore_mask(mask: Mask) {
    set_mask(&mask, ptr::null_mut());
}

/// Lets only this signal through.
pub(super) fn unblock_only(signal: Signal) {
    set_mask(&Mask::all_but(signal), ptr::null_mut());
}

fn set_mask(mask: &Mask, old: *mut Mask) {
    // SAFETY: both sets are as long as the call is told. It cannot fail.
    unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, ptr::from_ref(mask), old, SET_SIZE);
    }
}

/// What a process does at a signal: the kernel's `struct sigaction`, which is at most this long on each processor.
#[derive(Clone, Copy)]
pub(crate) struct Disposition(#[allow(dead_code, reason = "only the kernel reads it")] [usize; 4]);

/// Gives a signal its default action. Returns what it had.
///
/// # References
/// `rt_sigaction`(2)
pub(crate) fn reset(signal: Signal) -> Disposition {
    let mut old = Disposition([0; 4]);
    // All zero is the default action, without flags.
    set_disposition(signal, &Disposition([0; 4]), &raw mut old);
    old
}

/// Gives a signal the action that [`reset`] has returned.
pub(crate) fn restore(signal: Signal, disposition: &Disposition) {
    set_disposition(signal, disposition, ptr::null_mut());
}

fn set_disposition(signal: Signal, new: &Disposition, old: *mut Disposition) {
    // SAFETY: both are at least as long as the kernel's structure. No handler of this program is ever set.
    unsafe {
        libc::syscall(libc::SYS_rt_sigaction, signal.raw(), ptr::from_ref(new), old, SET_SIZE);
    }
}

/// Takes a blocked signal that is pending. Returns whether there was one.
///
/// # References
/// `rt_sigtimedwait`(2)
pub(crate) fn take_pending(signal: Signal) -> bool {
    let (set, no_time) = (Mask::only(signal), [0_i64; 2]);
    let none: *mut libc::siginfo_t = ptr::null_mut();
    // SAFETY: the set is as long as the call is told, and two numbers are as long as a time of 32 or 64 bits.
    let taken = unsafe {
        libc::syscall(libc::SYS_rt_sigtimedwait, &raw const set, none, &raw const no_time, SET_SIZE)
    };
    taken > 0
}

/// Returns whether a blocked signal is pending.
///
/// # References
/// `rt_sigpending`(2)
pub(crate) fn is_pending(signal: Signal) -> bool {
    let mut pending = Mask(0);
    // SAFETY: the set is as long as the call is told.
    unsafe { libc::syscall(libc::SYS_rt_sigpending, &raw mut pending, SET_SIZE) };
    pending.0 & Mask::only(signal).0 != 0
}

/// A signal that was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received {
    pub(crate) signal: Signal,
    /// Above 0 if the kernel has sent it, as for the terminal.
    pub(crate) code: i32,
    pub(crate) sender: i32,
    /// What was queued with it.
    pub(crate) value: i32,
}

impl Received {
    /// Whether it was sent to a thread. It is never merged with one to the process.
    pub(crate) const fn is_for_thread(&self) -> bool {
        self.code == libc::SI_TKILL
    }

    /// Whether a process has queued it, by sigqueue(3) or `pidfd_send_signal`.
    pub(crate) const fn is_queued(&self) -> bool {
        self.code == libc::SI_QUEUE
    }
}

/// How many signals are received at once: all that are not real-time signals.
const MAX_RECEIVED: usize = 32;

/// Makes a blocked signal pending for the only thread of this process.
///
/// # References
/// tgkill(2)
pub(crate) fn make_pending(signal: Signal) {
    let own = own_pid();
    // SAFETY: the call takes numbers. The pid of a process is that of its first thread.
    unsafe { libc::syscall(libc::SYS_tgkill, own, own, signal.raw()) };
}

/// Receives all signals, which are blocked.
pub(crate) struct SignalDescriptor(OwnedFd);

impl SignalDescriptor {
    /// # References
    /// signalfd4(2)
    pub(crate) fn new() -> Result<Self, Errno> {
        Self::of(Mask(u64::MAX))
    }

    /// Receives all signals but one.
    pub(crate) fn of_all_but(signal: Signal) -> Result<Self, Errno> {
        Self::of(Mask::all_but(signal))
    }

    fn of(signals: Mask) -> Result<Self, Errno> {
        let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
        // SAFETY: the set is as long as the call is told. The call makes a descriptor.
        unsafe { owned(libc::syscall(libc::SYS_signalfd4, -1, &raw const signals, SET_SIZE, flags)) }
            .map(Self)
    }

    /// Receives the signals that are pending, up to a number of them: the lowest first.
    pub(crate) fn receive(&self) -> impl Iterator<Item = Received> + Clone + use<> {
        // SAFETY: all zero is a value of this structure of numbers.
        let mut infos: [libc::signalfd_siginfo; MAX_RECEIVED] = unsafe { mem::zeroed() };
        // SAFETY: the array is as long as the call is told.
        let length = unsafe { libc::read(self.0.as_raw_fd(), (&raw mut infos).cast(), size_of_val(&infos)) };
        let count = usize::try_from(length).unwrap_or(0) / size_of::<libc::signalfd_siginfo>();
        infos.into_iter().take(count).filter_map(|info| {
            Some(Received {
                signal: Signal::new(i32::try_from(info.ssi_signo).ok()?)?,
                code: info.ssi_code,
                sender: i32::try_from(info.ssi_pid).unwrap_or(0),
                value: info.ssi_int,
            })
        })
    }

    /// Discards the signals that are pending.
    pub(crate) fn discard(&self) {
        while self.receive().next().is_some() {}
    }
}

impl AsFd for SignalDescriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
