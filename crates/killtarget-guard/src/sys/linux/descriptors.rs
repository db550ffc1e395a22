//! Descriptors: pipes, sockets, polling, closing.

use std::{
    array,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd},
    ptr,
};

use nix::{
    fcntl::OFlag,
    sys::socket::{self, MsgFlags},
};

use super::files::{Directory, open_directory};
use crate::sys::{
    error::{Errno, check, owned},
    streams::write,
};

/// Makes a pipe. Returns the end to read from and the end to write to.
pub(crate) fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    Ok(nix::unistd::pipe2(OFlag::O_CLOEXEC)?)
}

/// Makes two connected sockets that keep the bounds of messages.
pub(crate) fn socket_pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (mut ends, kind) = ([-1; 2], libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC);
    // SAFETY: there is room for two descriptors.
    check(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) }.into())?;
    // nix panics if the kernel returns -1, and a panic would quadruple the size of this program.
    // SAFETY: the descriptors are new.
    let [one, other] = ends.map(|end| unsafe { owned(end.into()) });
    Ok((one?, other?))
}

/// Sends a message. Returns whether the other end took it. Never waits: a message that does not fit is for an end that has
/// not read hundreds of others.
pub(crate) fn send(socket: BorrowedFd, message: &[u8]) -> bool {
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
    socket::send(socket.as_raw_fd(), message, flags) == Ok(message.len())
}

/// Receives a message, if there is one. Returns its length: 0 once the other end is closed.
///
/// An end that closes with unread messages resets the connection, and this error comes before the messages that it has sent.
pub(crate) fn receive(socket: BorrowedFd, buffer: &mut [u8], waits: bool) -> Option<usize> {
    let flags = if waits { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT };
    let mut was_reset = false;
    loop {
        match socket::recv(socket.as_raw_fd(), buffer, flags) {
            Ok(count) => return Some(count),
            Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::ECONNRESET) if !was_reset => was_reset = true,
            Err(nix::errno::Errno::EAGAIN) => return None,
            Err(_) => return Some(0),
        }
    }
}

/// Writes if that does not have to wait: a pipe that is full stays so if its reader does not read.
pub(crate) fn write_now(file: BorrowedFd, text: &[u8]) {
    if let [true] = poll([Some((file, Wanted::Room))], Some(0)) {
        write(file, text);
    }
}

/// Puts one array behind another.
pub(crate) fn joined<T, const A: usize, const B: usize, const N: usize>(
    first: [Option<T>; A],
    second: [Option<T>; B],
) -> [Option<T>; N] {
    const { assert!(A + B == N, "one is cut off, or missing") };
    let mut all = first.into_iter().chain(second);
    array::from_fn(|_| all.next().flatten())
}

/// Closes every descriptor but those in `kept`.
///
/// # References
/// `close_range`(2), since Linux 5.9
pub(crate) fn close_all_but<const N: usize>(kept: [Option<BorrowedFd>; N]) {
    let mut kept: [RawFd; N] = kept.map(|file| file.map_or(-1, |file| file.as_raw_fd()));
    kept.sort_unstable();
    let mut first = 0;
    for number in kept.into_iter().filter(|number| *number >= 0) {
        close_range(first, number - 1);
        first = number + 1;
    }
    close_range(first, RawFd::MAX);
}

/// Up to which one that is open is looked for.
const MAX_DESCRIPTOR: RawFd = 1 << 16;

/// Closes the descriptors from `first` to `last`.
fn close_range(first: RawFd, last: RawFd) {
    if first > last {
        return;
    }
    // SAFETY: nothing uses these descriptors any more.
    if unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) } == 0 {
        return;
    }
    // Before Linux 5.9, and where a sandbox refuses it. The limit of descriptors would not do: it may have been lowered.
    let mut buffer = [0; 1024];
    let folder = open_directory(c"/proc/self/fd").or_else(|_| {
        // None is free: one of these is made so.
        // SAFETY: as above.
        let _ =
            (first..=last.min(MAX_DESCRIPTOR)).find(|descriptor| unsafe { libc::close(*descriptor) } == 0);
        open_directory(c"/proc/self/fd")
    });
    let Ok(folder) = folder else { return };
    let own = folder.as_raw_fd();
    let mut open = Directory::new(folder, &mut buffer);
    while let Some(descriptor) = open.next_number() {
        if descriptor != own && (first..=last).contains(&descriptor) {
            // SAFETY: as above.
            unsafe { libc::close(descriptor) };
        }
    }
}

/// What to wait for.
pub(crate) enum Wanted {
    Input,
    /// That something can be written or sent.
    Room,
    /// That the other end is closed. Input is not waited for, and none is read.
    HangUp,
}

/// Which descriptors are ready.
pub(crate) type Ready<const N: usize> = [bool; N];

/// Waits until a descriptor is ready, for `timeout` milliseconds at most. `None` is never ready.
pub(crate) fn poll<const N: usize>(
    wanted: [Option<(BorrowedFd, Wanted)>; N],
    timeout: Option<u32>,
) -> Ready<N> {
    let mut polled: [libc::pollfd; N] = wanted.map(|wanted| {
        let (fd, events) = match wanted {
            Some((file, Wanted::Input)) => (file.as_raw_fd(), libc::POLLIN),
            Some((file, Wanted::Room)) => (file.as_raw_fd(), libc::POLLOUT),
            Some((file, Wanted::HangUp)) => (file.as_raw_fd(), libc::POLLRDHUP),
            None => (-1, 0),
        };
        libc::pollfd { fd, events, revents: 0 }
    });
    let timeout = timeout.map_or(-1, |timeout| i32::try_from(timeout).unwrap_or(i32::MAX));
    // SAFETY: the array is as long as the call is told.
    let count = unsafe { libc::poll(polled.as_mut_ptr(), N as libc::nfds_t, timeout) };
    if count < 0 && Errno::last() == Errno(libc::EINVAL) {
        return poll_each(&mut polled, timeout);
    }
    // A call that was interrupted has filled in nothing.
    array::from_fn(|at| count > 0 && polled.get(at).is_some_and(|polled| polled.revents != 0))
}

/// How long to wait between two looks, in milliseconds.
const POLL_EACH_INTERVAL: i32 = 10;

/// Asks for one descriptor at a time: poll(2) refuses more of them than the limit of descriptors, which another process may have
/// lowered.
fn poll_each<const N: usize>(polled: &mut [libc::pollfd; N], timeout: i32) -> Ready<N> {
    let ready = polled.each_mut().map(|polled| {
        // SAFETY: one entry is valid.
        polled.fd >= 0 && unsafe { libc::poll(ptr::from_mut(polled), 1, 0) } > 0
    });
    if !ready.contains(&true) {
        let pause = if timeout < 0 { POLL_EACH_INTERVAL } else { timeout.min(POLL_EACH_INTERVAL) };
        // SAFETY: no entry is passed.
        unsafe { libc::poll(ptr::null_mut(), 0, pause) };
    }
    ready
}
