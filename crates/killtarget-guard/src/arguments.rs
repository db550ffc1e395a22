//! The command line.

use std::ffi::CStr;

use crate::{
    argument_error::ArgumentError,
    isolation::Isolation,
    types::{End, IS_MACOS, Identity, MAX_HOSTS, Signal},
};

/// What becomes of the processes that the command leaves behind when it exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leftovers {
    /// They are ended. The guard exits after that.
    End(End),
    /// The guard exits. They run on under the keeper, until the host exits or a request comes.
    Keep,
    /// The guard exits. They run on, uncontained.
    Leave,
}

/// When a command begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    AtOnce,
    /// Once a request lets it begin.
    AtRequest,
    /// Nothing is started: the guard exits with 0 where it could have started a command.
    Never,
}

/// How the guard was asked to treat its command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options<'a> {
    pub(crate) isolation: Isolation,
    pub(crate) leftovers: Leftovers,
    /// What is done once a host has exited. `None`: nothing.
    pub(crate) orphaned: Option<End>,
    pub(crate) kill_signal: Signal,
    /// The grace period in milliseconds.
    pub(crate) grace: u32,
    /// How long the command may run, in milliseconds. `None`: no limit.
    pub(crate) timeout: Option<u32>,
    /// The hosts. All `None`: the parent of the guard is the host.
    pub(crate) parents: [Option<Identity>; MAX_HOSTS],
    /// Whether a host counts as exited once the other end of standard input is closed.
    pub(crate) until_stdin_ends: bool,
    /// Whether the command leads a session of its own.
    pub(crate) session: bool,
    /// When the command begins.
    pub(crate) begin: Begin,
    /// Whether this is a watch: nothing is started before a host has exited.
    pub(crate) watch: bool,
    /// What the command sees as its own name. `None`: the command as it was given.
    pub(crate) argv0: Option<&'a CStr>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            isolation: Isolation::DEFAULT,
            leftovers: Leftovers::End(End::Terminate),
            orphaned: Some(End::Terminate),
            kill_signal: Signal::TERM,
            grace: 5000,
            timeout: None,
            parents: [None; MAX_HOSTS],
            until_stdin_ends: false,
            session: false,
            begin: Begin::AtOnce,
            watch: false,
            argv0: None,
        }
    }
}

/// Parses the arguments after the program's name. Returns the options, and the position of the command.
///
/// The first argument that is no option is the command. `--` ends the options.
///
/// # Errors
/// [`ArgumentError`]. Nothing is guessed: a command that is started otherwise than asked is worse than none.
pub(crate) fn parse<'a>(
    arguments: impl Iterator<Item = &'a CStr>,
) -> Result<(Options<'a>, usize), ArgumentError<'a>> {
    let mut options = Options::default();
    let mut has_ended = false;
    for (position, argument) in arguments.enumerate() {
        if has_ended || !argument.to_bytes().starts_with(b"-") {
            let can_leave = options.isolation.can_leave() || options.leftovers != Leftovers::Leave;
            return if can_leave { Ok((options, position)) } else { Err(ArgumentError::CannotLeave) };
        }
        if argument == c"--" {
            has_ended = true;
        } else {
            read(argument, &mut options)?;
        }
    }
    if options.begin == Begin::Never { Ok((options, 0)) } else { Err(ArgumentError::NoCommand) }
}

fn read<'a>(whole: &'a CStr, options: &mut Options<'a>) -> Result<(), ArgumentError<'a>> {
    let argument = whole.to_bytes();
    let (name, value) = match argument.iter().position(|byte| *byte == b'=') {
        Some(at) => (argument.get(..at).unwrap_or_default(), argument.get(at + 1..)),
        None => (argument, None),
    };
    let wrong = ArgumentError::WrongValue(argument);
    match (name, value) {
        (b"--isolation", Some(value)) => options.isolation = Isolation::parse(argument, value)?,
        (b"--leftovers", Some(value)) => {
            options.leftovers = match value {
                b"terminate" => Leftovers::End(End::Terminate),
                b"kill" => Leftovers::End(End::Kill),
                b"keep" => Leftovers::Keep,
                b"leave" => Leftovers::Leave,
                _ => return Err(wrong),
            }
        }
        (b"--orphaned", Some(value)) => {
            options.orphaned = match value {
                b"terminate" => Some(End::Terminate),
                b"kill" => Some(End::Kill),
                b"leave" => None,
                _ => return Err(wrong),
            }
        }
        (b"--kill-signal", Some(value)) => options.kill_signal = signal(value).ok_or(wrong)?,
        (b"--grace", Some(value)) => options.grace = milliseconds(value).ok_or(wrong)?,
        (b"--timeout", Some(value)) => options.timeout = Some(milliseconds(value).ok_or(wrong)?),
        (b"--parent", Some(value)) => {
            let free = options.parents.iter_mut().find(|parent| parent.is_none()).ok_or(wrong)?;
            *free = Some(identity(value).ok_or(wrong)?);
        }
        (b"--argv0", Some(_)) => {
            let value = whole.to_bytes_with_nul().get(b"--argv0=".len()..).unwrap_or_default();
            options.argv0 = CStr::from_bytes_until_nul(value).ok();
        }
        (b"--until-stdin-ends", None) => options.until_stdin_ends = true,
        (b"--session", None) => options.session = true,
        (b"--watch", None) => options.watch = true,
        (b"--wait", None) => options.begin = Begin::AtRequest,
        (b"--check", None) => options.begin = Begin::Never,
        (
            b"--isolation"
            | b"--leftovers"
            | b"--orphaned"
            | b"--kill-signal"
            | b"--grace"
            | b"--timeout"
            | b"--parent"
            | b"--argv0"
            | b"--until-stdin-ends"
            | b"--session"
            | b"--watch"
            | b"--wait"
            | b"--check",
            _,
        ) => return Err(wrong),
        _ => return Err(ArgumentError::UnknownOption(argument)),
    }
    Ok(())
}

/// Parses `PID` or `PID:START`.
fn identity(value: &[u8]) -> Option<Identity> {
    let (pid, start) = match value.iter().position(|byte| *byte == b':') {
        Some(at) => (value.get(..at)?, Some(number(value.get(at + 1..)?)?)),
        None => (value, None),
    };
    let pid = i32::try_from(number(pid)?).ok().filter(|pid| *pid > 0)?;
    Some(Identity { pid, start })
}

fn milliseconds(value: &[u8]) -> Option<u32> {
    number(value).and_then(|number| u32::try_from(number).ok())
}

/// Parses digits alone. Returns `None` for anything else, and for a number that is too large.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let append = |number: u64, digit: &u8| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    };
    digits.iter().try_fold(0, append)
}

/// The signals that end a process, by their names.
const SIGNALS: [(&[u8], i32); 13] = [
    (b"HUP", 1),
    (b"INT", 2),
    (b"QUIT", 3),
    (b"ABRT", 6),
    (b"KILL", 9),
    (b"USR1", if IS_MACOS { 30 } else { 10 }),
    (b"USR2", if IS_MACOS { 31 } else { 12 }),
    (b"PIPE", 13),
    (b"ALRM", 14),
    (b"TERM", 15),
    (b"XCPU", 24),
    (b"WINCH", 28),
    if IS_MACOS { (b"INFO", 29) } else { (b"PWR", 30) },
];

/// Parses a number, or a name with or without `SIG`.
fn signal(value: &[u8]) -> Option<Signal> {
    if let Some(number) = number(value) {
        return Signal::new(i32::try_from(number).ok()?);
    }
    let name = value.strip_prefix(b"SIG").unwrap_or(value);
    SIGNALS.iter().find(|(known, _)| *known == name).and_then(|(_, number)| Signal::new(*number))
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    fn parsed(arguments: &[&str]) -> Result<(Options<'static>, usize), ArgumentError<'static>> {
        let arguments: Vec<_> = arguments.iter().map(|argument| CString::new(*argument).unwrap()).collect();
        parse(arguments.leak().iter().map(CString::as_c_str))
    }

    #[test]
    fn the_command_begins_at_the_first_argument_that_is_no_option() {
        for (arguments, position) in
            [(vec!["a", "--session"], 0), (vec!["--", "-x"], 1), (vec!["--session", "--", "--", "a"], 2)]
        {
            assert_eq!(parsed(&arguments).unwrap().1, position, "{arguments:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn options_are_read() {
        let (options, position) = parsed(&[
            "--isolation=pid-namespace",
            "--leftovers=keep",
            "--orphaned=leave",
            "--kill-signal=SIGINT",
            "--grace=0",
            "--timeout=60000",
            "--parent=12:345",
            "--parent=6",
            "--argv0=-a=b",
            "--until-stdin-ends",
            "--session",
            "--watch",
            "--wait",
            "a",
        ])
        .unwrap();
        assert_eq!(position, 13);
        let expected = Options {
            isolation: Isolation::PidNamespace,
            leftovers: Leftovers::Keep,
            orphaned: None,
            kill_signal: Signal::new(2).unwrap(),
            grace: 0,
            timeout: Some(60000),
            parents: [
                Some(Identity { pid: 12, start: Some(345) }),
                Some(Identity { pid: 6, start: None }),
                None,
                None,
            ],
            argv0: Some(c"-a=b"),
            until_stdin_ends: true,
            session: true,
            watch: true,
            begin: Begin::AtRequest,
        };
        assert_eq!(options, expected);
    }

    #[test]
    fn a_check_needs_no_command() {
        assert_eq!(parsed(&["--check"]).unwrap().0.begin, Begin::Never);
        assert_eq!(parsed(&["--check", "a"]).unwrap().0.begin, Begin::Never);
        assert_eq!(parsed(&["--check", "-x"]), Err(ArgumentError::UnknownOption(b"-x")));
    }

    #[test]
    fn a_wrong_value_is_refused() {
        for argument in [
            "--isolation=",
            "--isolation=cgroup",
            "--leftovers",
            "--leftovers=",
            "--leftovers=Kill",
            "--orphaned=keep",
            "--kill-signal=0",
            "--kill-signal=65",
            "--kill-signal=-9",
            "--kill-signal=SIG",
            "--kill-signal=SIGNOPE",
            "--grace=-1",
            "--grace=1.5",
            "--grace=4294967296",
            "--grace= 1",
            "--parent=0",
            "--parent=-1",
            "--parent=1:",
            "--parent=:1",
            "--parent=2147483648",
            "--parent=1:18446744073709551616",
            "--session=yes",
            "--until-stdin-ends=1",
        ] {
            assert_eq!(
                parsed(&[argument, "a"]),
                Err(ArgumentError::WrongValue(argument.as_bytes())),
                "{argument}"
            );
        }
    }

    #[test]
    fn one_host_too_many_is_refused() {
        let arguments = ["--parent=1", "--parent=2", "--parent=3", "--parent=4", "--parent=5", "a"];
        assert_eq!(parsed(&arguments), Err(ArgumentError::WrongValue(b"--parent=5")));
        let (options, _) = parsed(&arguments[1..]).unwrap();
        assert_eq!(options.parents.map(|parent| parent.unwrap().pid), [2, 3, 4, 5]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn processes_of_a_namespace_cannot_be_left() {
        let arguments = ["--isolation=pid-namespace", "--leftovers=leave", "a"];
        assert_eq!(parsed(&arguments), Err(ArgumentError::CannotLeave));
        assert!(parsed(&arguments[1..]).is_ok());
    }

    #[test]
    fn an_unknown_option_is_refused() {
        for argument in ["-", "-x", "--", "--kill"] {
            let error = if argument == "--" {
                ArgumentError::NoCommand
            } else {
                ArgumentError::UnknownOption(argument.as_bytes())
            };
            assert_eq!(parsed(&[argument]), Err(error));
        }
        assert_eq!(parsed(&[]), Err(ArgumentError::NoCommand));
    }

    #[test]
    fn signals_have_names_and_numbers() {
        for (value, number) in [("9", 9), ("KILL", 9), ("SIGTERM", 15), ("31", 31)] {
            assert_eq!(signal(value.as_bytes()), Signal::new(number));
        }
    }
}
