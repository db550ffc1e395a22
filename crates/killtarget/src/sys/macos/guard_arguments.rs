//! What the arguments of a guard say.

/// The options of a guard that matter to others.
#[derive(Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is an option by itself
pub(super) struct Options {
    /// `--leftovers=keep`
    pub(super) keeps: bool,
    /// `--leftovers=leave`
    pub(super) leaves: bool,
    /// `--orphaned=leave`
    pub(super) leaves_orphans: bool,
    /// `--session`
    pub(super) has_session: bool,
}

/// Reads the options. The command is the first argument that is none.
pub(super) fn options(arguments: &[&[u8]]) -> Options {
    let mut options = Options::default();
    let is_option = |argument: &&&[u8]| argument.starts_with(b"-") && **argument != b"--";
    for argument in arguments.iter().skip(1).take_while(is_option) {
        match *argument {
            b"--session" => options.has_session = true,
            _ if argument.starts_with(b"--leftovers=") => {
                options.keeps = *argument == b"--leftovers=keep";
                options.leaves = *argument == b"--leftovers=leave";
            }
            _ if argument.starts_with(b"--orphaned=") => {
                options.leaves_orphans = *argument == b"--orphaned=leave";
            }
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
        let none = Options::default;
        for (arguments, expected) in [
            (
                &["guard", "--leftovers=keep", "--session", "--", "a"][..],
                Options { keeps: true, has_session: true, ..none() },
            ),
            (&["guard", "--leftovers=leave", "a"], Options { leaves: true, ..none() }),
            (&["guard", "--orphaned=leave", "a"], Options { leaves_orphans: true, ..none() }),
            (&["guard", "--leftovers=keep", "--leftovers=kill", "a"], none()),
            (&["guard", "--", "--session"], none()),
            (&["guard", "a", "--leftovers=keep"], none()),
            (&["--session", "a"], none()),
        ] {
            assert_eq!(read(arguments), expected, "{arguments:?}");
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
