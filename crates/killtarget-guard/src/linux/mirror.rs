//! Stops and continues the guard for a keeper that cannot: from inside a PID namespace no process outside can be signalled.
//!
//! A process in a session of its own, so that no stop of the guard's group reaches it. If the keeper exits while the guard is
//! stopped, it continues the guard.

use std::os::fd::{AsFd, OwnedFd};

use super::{helper, stop};
use crate::{
    sys::{self, Errno, Handle, Wanted},
    types::Pid,
};

/// Starts the process. Returns its pid, and the keeper's end of the connection.
pub(crate) fn start() -> Result<(Pid, OwnedFd), Errno> {
    let guard = sys::own_pid();
    helper::start(|socket| mirror(guard, socket))
}

/// What it is asked to do.
const CONTINUE: u8 = 0;
const STOP: u8 = 1;
const STOP_MARKED: u8 = 2;

/// The limit of its answer in milliseconds.
const TIMEOUT: u32 = 100;

/// Does what [`stop::stop`] does, by it.
pub(crate) fn stop_guard(socket: &OwnedFd, is_marked: bool) -> bool {
    let mut answer = [0];
    // An answer that came too late.
    while sys::receive(socket.as_fd(), &mut answer, false).is_some_and(|length| length > 0) {}
    if !sys::send(socket.as_fd(), &[if is_marked { STOP_MARKED } else { STOP }]) {
        return false;
    }
    let [is_ready] = sys::poll([Some((socket.as_fd(), Wanted::Input))], Some(TIMEOUT));
    is_ready && sys::receive(socket.as_fd(), &mut answer, false) == Some(1) && answer == [1]
}

pub(crate) fn continue_guard(socket: &OwnedFd) {
    sys::send(socket.as_fd(), &[CONTINUE]);
}

fn mirror(guard: i32, socket: &OwnedFd) {
    sys::set_name(c"kt-mirror");
    sys::end_with_parent();
    let handle = Pid::new(guard).and_then(|pid| sys::open_handle(pid).ok());
    // Fails for the first process of a group only, which this is not.
    let _ = sys::lead_session();
    sys::close_all_but([Some(socket.as_fd()), handle.as_ref().and_then(Handle::as_fd)]);
    let Some(handle) = handle else { return };
    let mut asked = [0];
    while sys::receive(socket.as_fd(), &mut asked, true) == Some(1) {
        match asked {
            [asked @ (STOP | STOP_MARKED)] => {
                let has_discarded = stop::stop(guard, &handle, asked == STOP_MARKED);
                sys::send(socket.as_fd(), &[u8::from(has_discarded)]);
            }
            _ => stop::wake(guard, &handle),
        }
    }
    stop::wake(guard, &handle);
}
