//! The signals that Node has on Windows, with libuv's numbers.

pub(crate) const SIGTERM: i32 = 15;
pub(crate) const SIGKILL: i32 = 9;
/// Has no name here: Windows cannot stop a process.
pub(crate) const SIGSTOP: i32 = 19;
/// Has no name here: Windows cannot continue a process.
pub(crate) const SIGCONT: i32 = 18;

const SIGINT: i32 = 2;
const SIGQUIT: i32 = 3;

const NAMED: [(&str, i32); 11] = [
    ("SIGHUP", 1),
    ("SIGINT", SIGINT),
    ("SIGQUIT", SIGQUIT),
    ("SIGILL", 4),
    ("SIGFPE", 8),
    ("SIGKILL", SIGKILL),
    ("SIGSEGV", 11),
    ("SIGTERM", SIGTERM),
    ("SIGBREAK", 21),
    ("SIGABRT", 22),
    ("SIGWINCH", 28),
];

/// Returns the name and number of each signal.
pub(crate) fn named_signals() -> impl Iterator<Item = (&'static str, i32)> {
    NAMED.into_iter()
}

/// Returns an empty range: Windows has no real-time signals.
pub(crate) fn real_time_signals() -> (i32, i32) {
    (1, 0)
}

/// Returns whether the number is a signal. 0 is not.
pub(crate) fn is_signal(number: i32) -> bool {
    NAMED.iter().any(|(_, known)| *known == number)
}

/// Returns whether Windows can send the signal to one process.
///
/// Only the signals that terminate are possible, as in `uv_kill`. A console event (`SIGBREAK`) would reach all
/// processes that share the console.
pub(crate) fn can_send(number: i32) -> bool {
    matches!(number, 0 | SIGINT | SIGQUIT | SIGKILL | SIGTERM)
}
