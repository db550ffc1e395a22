//! Stops and continues the guard for a keeper that cannot: from inside a PID namespace no process outside can be signalled.
//!
//! A process in a session of its own, so that no stop of the guard's group reaches it. If the keeper exits while the guard is
//! stopped, it continues the guard.

use std::os::fd::{AsFd, OwnedFd};

use super::helper;
use crate::{
    sys::{self, Errno, Handle},
    types::{Pid, Signal},
};

/// Starts the process. Returns its pid, and the keeper's end of the connection.
pub(crate) fn start() -> Result<(Pid, OwnedFd), Errno> {
    let guard = sys::own_pid();
    helper::start(|socket| mirror(guard, socket))
}

/// Asks it to send a signal to the guard.
pub(crate) fn ask(socket: &OwnedFd, signal: Signal) {
    if let Ok(number) = u8::try_from(signal.raw()) {
        sys::send(socket.as_fd(), &[number]);
    }
}

fn mirror(guard: i32, socket: &OwnedFd) {
    sys::set_name(c"kt-mirror");
    sys::end_with_parent();
    let handle = Pid::new(guard).and_then(|pid| sys::open_handle(pid).ok());
    // Fails for the first process of a group only, which this is not.
    let _ = sys::lead_session();
    sys::close_all_but([Some(socket.as_fd()), handle.as_ref().and_then(Handle::as_fd)]);
    let send = |signal| {
        if let Some(handle) = &handle
            && sys::parent_pid() == guard
        {
            let _ = handle.signal(signal);
        }
    };
    let mut asked = [0];
    while sys::receive(socket.as_fd(), &mut asked, true) == Some(1) {
        let [number] = asked;
        if let Some(signal @ (Signal::STOP | Signal::CONT)) = Signal::new(i32::from(number)) {
            send(signal);
        }
    }
    send(Signal::CONT);
}
