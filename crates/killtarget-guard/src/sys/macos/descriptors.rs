//! Descriptors: pipes, sockets, closing. What [`super::super::streams`] does not have.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use super::libproc::own_descriptors;
use crate::sys::{
    error::{Errno, check, owned},
    streams::write,
};

/// Makes a pipe. Returns the end to read from and the end to write to.
pub(crate) fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    let mut ends = [-1; 2];
    // SAFETY: there is room for two descriptors.
    check(unsafe { libc::pipe(ends.as_mut_ptr()) }.into())?;
    owned_pair(ends)
}

/// Makes two connected sockets. There are none that keep the bounds of messages: all messages are as long as each other.
pub(crate) fn socket_pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let mut ends = [-1; 2];
    // SAFETY: there is room for two descriptors.
    check(unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, ends.as_mut_ptr()) }.into())?;
    owned_pair(ends)
}

/// Takes two new descriptors, and lets exec close them. No other thread can fork in between.
fn owned_pair(ends: [RawFd; 2]) -> Result<(OwnedFd, OwnedFd), Errno> {
    let [one, other] = ends.map(|end| {
        // SAFETY: the call takes numbers.
        unsafe { libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC) };
        // A conversion that could panic would make this program half as large again.
        // SAFETY: the descriptor is new.
        unsafe { owned(end.into()) }
    });
    Ok((one?, other?))
}

/// Sends a message. Returns whether the other end took it. Never waits. SIGPIPE is blocked.
pub(crate) fn send(socket: BorrowedFd, message: &[u8]) -> bool {
    let (start, length) = (message.as_ptr().cast(), message.len());
    // SAFETY: the message is as long as the call is told.
    let sent = unsafe { libc::send(socket.as_raw_fd(), start, length, libc::MSG_DONTWAIT) };
    usize::try_from(sent) == Ok(length)
}

/// Receives a message, if there is one. Returns its length: 0 once the other end is closed.
pub(crate) fn receive(socket: BorrowedFd, buffer: &mut [u8]) -> Option<usize> {
    loop {
        let (start, length) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the buffer is as long as the call is told.
        let count = unsafe { libc::recv(socket.as_raw_fd(), start, length, libc::MSG_DONTWAIT) };
        match usize::try_from(count) {
            Ok(count) => return Some(count),
            Err(_) => match Errno::last() {
                Errno(libc::EINTR) => {}
                Errno(libc::EAGAIN) => return None,
                _ => return Some(0),
            },
        }
    }
}

/// Writes if that does not have to wait: a pipe that is full stays so if its reader does not read.
pub(crate) fn write_now(file: BorrowedFd, text: &[u8]) {
    let mut polled = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    // SAFETY: there is one entry.
    if unsafe { libc::poll(&raw mut polled, 1, 0) } > 0 {
        write(file, text);
    }
}

/// Waits until a descriptor can be read, for `timeout` milliseconds at most. Returns whether it can.
pub(crate) fn wait_for_input(file: BorrowedFd, timeout: u32) -> bool {
    let mut polled = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: there is one entry.
    unsafe { libc::poll(&raw mut polled, 1, i32::try_from(timeout).unwrap_or(i32::MAX)) > 0 }
}

/// How many descriptors are listed at once.
const MAX_LISTED: usize = 512;

/// Closes every descriptor but those in `kept`.
pub(crate) fn close_all_but<const N: usize>(kept: [Option<BorrowedFd>; N]) {
    let is_kept = |fd: RawFd| kept.iter().flatten().any(|file| file.as_raw_fd() == fd);
    let mut found = [libc::proc_fdinfo { proc_fd: 0, proc_fdtype: 0 }; MAX_LISTED];
    loop {
        let listed = own_descriptors(&mut found);
        let is_full = listed.len() == MAX_LISTED;
        let mut has_closed = false;
        for entry in listed.iter().filter(|entry| !is_kept(entry.proc_fd)) {
            // SAFETY: nothing uses these descriptors any more.
            has_closed |= unsafe { libc::close(entry.proc_fd) } == 0;
        }
        if !is_full || !has_closed {
            return;
        }
    }
}
