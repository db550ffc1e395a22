//! The signals of this system, from its headers.

use nix::sys::signal::Signal;

pub(crate) const SIGTERM: i32 = libc::SIGTERM;
pub(crate) const SIGKILL: i32 = libc::SIGKILL;
pub(crate) const SIGCONT: i32 = libc::SIGCONT;
pub(crate) const SIGSTOP: i32 = libc::SIGSTOP;

/// Aliases, as `signal(7)` lists them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ALIASES: &[(&str, i32)] = &[("SIGIOT", libc::SIGIOT), ("SIGPOLL", libc::SIGPOLL)];
#[cfg(target_os = "macos")]
const ALIASES: &[(&str, i32)] = &[("SIGIOT", libc::SIGABRT)];

/// Lists the standard signals and their aliases.
pub(crate) fn named_signals() -> impl Iterator<Item = (&'static str, i32)> {
    Signal::iterator().map(|signal| (signal.as_str(), signal as i32)).chain(ALIASES.iter().copied())
}

/// Returns the first and the last real-time signal. The C library reserves some, so these are calls, not constants.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn real_time_signals() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

/// Returns an empty range, as macOS has no real-time signals.
#[cfg(target_os = "macos")]
pub(crate) fn real_time_signals() -> (i32, i32) {
    (1, 0)
}

/// Returns whether the number is a signal that can be sent. Returns false for 0.
pub(crate) fn is_signal(number: i32) -> bool {
    let (first, last) = real_time_signals();
    Signal::try_from(number).is_ok() || (first..=last).contains(&number)
}

/// Returns whether the system delivers the signal as such. Unix does so for all signals.
pub(crate) const fn can_send(_: i32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use crate::types::Signal;

    #[test]
    fn an_alias_is_the_same_signal() {
        assert_eq!(Signal::from_name("SIGIOT").unwrap(), Signal::from_name("SIGABRT").unwrap());
    }
}
