//! A kernel queue: signals, exits and forks, descriptors.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
    ptr,
};

use crate::{
    sys::error::{Errno, check, owned},
    types::Signal,
};

/// What has happened.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// How often a signal was sent since the last time.
    ///
    /// The kernel counts before it asks whether the signal is blocked or ignored. (xnu, `psignal_internal`: `proc_knote`)
    Signal(Signal, u32),
    /// A process that is watched has forked, or has exited.
    Process { pid: i32, has_forked: bool, has_exited: bool },
    /// A descriptor can be read, or its other end is closed.
    Readable { descriptor: RawFd, has_ended: bool },
}

/// How many events are taken at once.
const MAX_EVENTS: usize = 64;

/// The queue. A child of this process has none: it is not inherited.
pub(crate) struct Queue(OwnedFd);

impl Queue {
    /// # References
    /// kqueue(2)
    pub(crate) fn new() -> Result<Self, Errno> {
        // SAFETY: the call makes a descriptor.
        let queue = Self(unsafe { owned(libc::kqueue().into()) }?);
        // SAFETY: the call takes numbers.
        unsafe { libc::fcntl(queue.0.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        Ok(queue)
    }

    /// Watches all signals, but those that cannot be blocked.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn watch_signals(&self) -> Result<(), Errno> {
        (1..=31)
            .filter_map(Signal::new)
            .filter(|signal| ![Signal::KILL, Signal::STOP].contains(signal))
            .try_for_each(|signal| self.add(signal.raw(), libc::EVFILT_SIGNAL, 0, 0))
    }

    /// Watches the forks and the exit of a process. It must be verified after that, as its pid may have been reused before.
    ///
    /// # Errors
    /// `ESRCH`: no process has the pid, or it is a zombie. `ENOMEM`.
    pub(crate) fn watch_process(&self, pid: i32) -> Result<(), Errno> {
        self.add(pid, libc::EVFILT_PROC, libc::NOTE_EXIT | libc::NOTE_FORK, 0)
    }

    /// Watches the exit of a process. As [`Queue::watch_process`].
    pub(crate) fn watch_exit(&self, pid: i32) -> Result<(), Errno> {
        self.add(pid, libc::EVFILT_PROC, libc::NOTE_EXIT, 0)
    }

    /// Watches whether a descriptor can be read.
    pub(crate) fn watch_input(&self, file: BorrowedFd) -> Result<(), Errno> {
        self.add(file.as_raw_fd(), libc::EVFILT_READ, 0, 0)
    }

    /// Watches whether the other end of a descriptor is closed. Nothing is read, so the event must not come for each byte: it
    /// comes once more than fits waits, or at the end. (xnu, `filt_pipelowwat`, `filt_soread_common`)
    pub(crate) fn watch_end(&self, file: BorrowedFd) -> Result<(), Errno> {
        let all = isize::try_from(i32::MAX).unwrap_or(isize::MAX);
        self.add(file.as_raw_fd(), libc::EVFILT_READ, libc::NOTE_LOWAT, all)
    }

    fn add(&self, ident: i32, filter: i16, wanted: u32, data: isize) -> Result<(), Errno> {
        let ident = usize::try_from(ident).map_err(|_| Errno::ESRCH)?;
        let flags =
            libc::EV_ADD | if filter == libc::EVFILT_READ && wanted == 0 { 0 } else { libc::EV_CLEAR };
        let change = libc::kevent { ident, filter, flags, fflags: wanted, data, udata: ptr::null_mut() };
        // SAFETY: there is one change, and no room for events: an error is that of the call.
        check(
            unsafe {
                libc::kevent(self.0.as_raw_fd(), &raw const change, 1, ptr::null_mut(), 0, ptr::null())
            }
            .into(),
        )
        .map(drop)
    }

    /// Waits for events, for `timeout` milliseconds at most.
    ///
    /// # References
    /// kevent(2)
    pub(crate) fn wait(&self, timeout: Option<u32>) -> Events {
        let none = libc::kevent { ident: 0, filter: 0, flags: 0, fflags: 0, data: 0, udata: ptr::null_mut() };
        let mut events = [none; MAX_EVENTS];
        let time = timeout.map(|milliseconds| libc::timespec {
            tv_sec: i64::from(milliseconds / 1000),
            tv_nsec: i64::from(milliseconds % 1000) * 1_000_000,
        });
        let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
        let room = i32::try_from(MAX_EVENTS).unwrap_or(0);
        // SAFETY: there is room for so many events, and the time is null or valid.
        let count =
            unsafe { libc::kevent(self.0.as_raw_fd(), ptr::null(), 0, events.as_mut_ptr(), room, time) };
        // A call that was interrupted has no events.
        Events { events, count: usize::try_from(count).unwrap_or(0) }
    }
}

impl AsFd for Queue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The events that were taken at once.
pub(crate) struct Events {
    events: [libc::kevent; MAX_EVENTS],
    count: usize,
}

impl Events {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Event> {
        self.events.iter().take(self.count).filter_map(|event| {
            let (ident, fflags) = (i32::try_from(event.ident).ok()?, event.fflags);
            match event.filter {
                libc::EVFILT_SIGNAL => {
                    Some(Event::Signal(Signal::new(ident)?, u32::try_from(event.data).ok()?))
                }
                libc::EVFILT_PROC => Some(Event::Process {
                    pid: ident,
                    has_forked: fflags & libc::NOTE_FORK != 0,
                    has_exited: fflags & libc::NOTE_EXIT != 0,
                }),
                libc::EVFILT_READ => {
                    let has_ended = event.flags & libc::EV_EOF != 0;
                    Some(Event::Readable { descriptor: ident, has_ended })
                }
                _ => None,
            }
        })
    }
}
