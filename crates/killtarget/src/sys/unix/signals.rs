//! The signals of this system, from its headers.

use nix::sys::signal::Signal;

pub(crate) const SIGTERM: i32 = libc::SIGTERM;
pub(crate) const SIGKILL: i32 = libc::SIGKILL;
pub(crate) const SIGCONT: i32 = libc::SIGCONT;
pub(crate) const SIGSTOP: i32 = libc::SIGSTOP;

/// Second names, as `signal(7)` lists them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ALIASES: &[(&str, i32)] = &[("SIGIOT", libc::SIGIOT), ("SIGPOLL", libc::SIGPOLL)];
#[cfg(target_os = "macos")]
const ALIASES: &[(&str, i32)] = &[("SIGIOT", libc::SIGABRT)];

/// The standard signals and their aliases.
pub(crate) fn named_signals() -> impl Iterator<Item = (&'static str, i32)> {
    Signal::iterator().map(|signal| (signal.as_str(), signal as i32)).chain(ALIASES.iter().copied())
}

/// The first and the last real-time signal. The C library keeps some for itself, so these are calls, not constants.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn real_time_signals() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

/// There are none: the last comes before the first.
#[cfg(target_os = "macos")]
pub(crate) fn real_time_signals() -> (i32, i32) {
    (1, 0)
}

/// Whether one can send it. 0 is no signal.
pub(crate) fn is_signal(number: i32) -> bool {
    let (first, last) = real_time_signals();
    Signal::try_from(number).is_ok() || (first..=last).contains(&number)
}

/// Whether it does what its name says. All do.
pub(crate) const fn can_send(_: i32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use crate::types::Signal;

    #[test]
    fn a_second_name_is_the_same_signal() {
        assert_eq!(Signal::from_name("SIGIOT").unwrap(), Signal::from_name("SIGABRT").unwrap());
    }
}
