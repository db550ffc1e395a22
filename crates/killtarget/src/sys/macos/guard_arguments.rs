//! What the arguments of a guard say.

/// The options of a guard that matter to others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// `--leftovers=keep`
    pub(super) keeps: bool,
    /// `--session`
    pub(super) has_session: bool,
}

/// Reads the options. The command is the first argument that is none.
pub(super) fn options(arguments: &[&[u8]]) -> Options {
    let mut options = Options { keeps: false, has_session: false };
    let is_option = |argument: &&&[u8]| argument.starts_with(b"-") && **argument != b"--";
    for argument in arguments.iter().skip(1).take_while(is_option) {
        match *argument {
            b"--session" => options.has_session = true,
            _ if argument.starts_with(b"--leftovers=") => options.keeps = *argument == b"--leftovers=keep",
            _ => {}
        }
    }
    options
}

/// A process of a guard, by its first argument: the guard does not change it, the others write over it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Role {
    Guard,
    /// With the pid of the command, until that is reaped.
    Keeper(Option<i32>),
    /// The command's process, before it is the command.
    Starting,
}

pub(super) fn role(first: &[u8]) -> Role {
    let name = first.trim_ascii_end();
    if name == b"kt-start" {
        return Role::Starting;
    }
    match name.strip_prefix(b"kt-keep") {
        Some(rest) => Role::Keeper(str::from_utf8(rest.trim_ascii()).ok().and_then(|pid| pid.parse().ok())),
        None => Role::Guard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_at_the_command() {
        let read = |arguments: &[&str]| {
            options(&arguments.iter().map(|argument| argument.as_bytes()).collect::<Vec<_>>())
        };
        for (arguments, keeps, has_session) in [
            (&["guard", "--leftovers=keep", "--session", "--", "a"][..], true, true),
            (&["guard", "--leftovers=keep", "--leftovers=kill", "a"], false, false),
            (&["guard", "--", "--session"], false, false),
            (&["guard", "a", "--leftovers=keep"], false, false),
            (&["--session", "a"], false, false),
        ] {
            assert_eq!(read(arguments), Options { keeps, has_session }, "{arguments:?}");
        }
    }

    #[test]
    fn the_processes_of_a_guard_have_names() {
        for (first, expected) in [
            ("/a/killtarget-guard", Role::Guard),
            ("kt-keep 4711        ", Role::Keeper(Some(4711))),
            ("kt-keep             ", Role::Keeper(None)),
            ("kt-start            ", Role::Starting),
            ("", Role::Guard),
        ] {
            assert_eq!(role(first.as_bytes()), expected, "{first}");
        }
    }
}
