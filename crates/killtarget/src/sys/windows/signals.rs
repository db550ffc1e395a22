//! Signals, as far as there are such on Windows: those that Node names there, with libuv's numbers.

pub(crate) const SIGTERM: i32 = 15;
pub(crate) const SIGKILL: i32 = 9;
/// Not among those that can be named: nobody can be stopped.
pub(crate) const SIGSTOP: i32 = 19;
/// As [`SIGSTOP`].
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

/// Those that have a name.
pub(crate) fn named_signals() -> impl Iterator<Item = (&'static str, i32)> {
    NAMED.into_iter()
}

/// There are none: the last comes before the first.
pub(crate) fn real_time_signals() -> (i32, i32) {
    (1, 0)
}

/// Whether it has a name. 0 is no signal.
pub(crate) fn is_signal(number: i32) -> bool {
    NAMED.iter().any(|(_, known)| *known == number)
}

/// Whether something can be done for it: what ends a process unasked is the one thing that can be done to it, as `uv_kill`
/// does. The events of the console (`SIGBREAK`) would reach whoever shares that.
pub(crate) fn can_send(number: i32) -> bool {
    matches!(number, 0 | SIGINT | SIGQUIT | SIGKILL | SIGTERM)
}
