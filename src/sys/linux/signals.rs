//! The signals of this system, from its headers.

use nix::sys::signal::Signal;

pub(crate) const SIGTERM: i32 = libc::SIGTERM;
pub(crate) const SIGKILL: i32 = libc::SIGKILL;
pub(crate) const SIGCONT: i32 = libc::SIGCONT;
pub(crate) const SIGSTOP: i32 = libc::SIGSTOP;

/// Second names, as `signal(7)` lists them.
const ALIASES: [(&str, i32); 2] = [("SIGIOT", libc::SIGIOT), ("SIGPOLL", libc::SIGPOLL)];

/// The standard signals and their aliases.
pub(crate) fn named_signals() -> impl Iterator<Item = (&'static str, i32)> {
    Signal::iterator().map(|signal| (signal.as_str(), signal as i32)).chain(ALIASES)
}

/// The first and the last real-time signal. The C library keeps some for itself, so these are calls, not constants.
pub(crate) fn real_time_signals() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

/// Whether one can send it. 0 is no signal.
pub(crate) fn is_signal(number: i32) -> bool {
    let (first, last) = real_time_signals();
    Signal::try_from(number).is_ok() || (first..=last).contains(&number)
}
