//! The command line: one text, which each program divides by itself.
//!
//! The guard divides the part with its own options only. The command gets the rest as it was given, since not every program
//! divides its command line by the same rules.

const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;
const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;

/// One argument, and where it is in the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) units: Vec<u16>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Divides a command line as the C runtime does. The first word is the name of the program.
///
/// # References
/// MSDN, Parsing C command-line arguments
pub(crate) fn words(line: &[u16]) -> Vec<Word> {
    let mut words = vec![name(line)];
    let mut at = words.last().map_or(0, |word| word.end);
    while let Some(word) = next(line, at) {
        at = word.end;
        words.push(word);
    }
    words
}

/// The name of the program has no escapes: a path may end with a backslash.
fn name(line: &[u16]) -> Word {
    let mut is_quoted = false;
    let mut units = Vec::new();
    let mut end = line.len();
    for (at, unit) in line.iter().enumerate() {
        match *unit {
            QUOTE => is_quoted = !is_quoted,
            SPACE | TAB if !is_quoted => {
                end = at;
                break;
            }
            unit => units.push(unit),
        }
    }
    Word { units, start: 0, end }
}

fn next(line: &[u16], from: usize) -> Option<Word> {
    let is_space = |at: usize| line.get(at).is_some_and(|unit| matches!(*unit, SPACE | TAB));
    let start = (from..line.len()).find(|at| !is_space(*at))?;
    let mut word = Word { units: Vec::new(), start, end: start };
    let mut is_quoted = false;
    let mut backslashes = 0;
    while let Some(unit) = line.get(word.end).copied().filter(|_| is_quoted || !is_space(word.end)) {
        match unit {
            BACKSLASH => backslashes += 1,
            QUOTE => {
                word.push_backslashes(backslashes / 2);
                if backslashes % 2 == 1 {
                    word.units.push(QUOTE);
                } else if is_quoted && line.get(word.end + 1) == Some(&QUOTE) {
                    word.units.push(QUOTE);
                    word.end += 1;
                } else {
                    is_quoted = !is_quoted;
                }
                backslashes = 0;
            }
            unit => {
                word.push_backslashes(backslashes);
                backslashes = 0;
                word.units.push(unit);
            }
        }
        word.end += 1;
    }
    word.push_backslashes(backslashes);
    Some(word)
}

impl Word {
    fn push_backslashes(&mut self, count: usize) {
        self.units.extend(std::iter::repeat_n(BACKSLASH, count));
    }
}

/// Returns the command line of the command, which starts at `command`: as it was given, or with another name in front.
pub(crate) fn of_command(line: &[u16], command: &Word, argv0: Option<&[u16]>) -> Vec<u16> {
    match argv0 {
        None => line.get(command.start..).unwrap_or_default().to_vec(),
        Some(argv0) => [&quoted(argv0), line.get(command.end..).unwrap_or_default()].concat(),
    }
}

/// Quotes a name of a program, if it has to be.
fn quoted(name: &[u16]) -> Vec<u16> {
    let needs_quotes = name.is_empty() || name.iter().any(|unit| matches!(*unit, SPACE | TAB));
    if needs_quotes { [&[QUOTE], name, &[QUOTE]].concat() } else { name.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn texts(line: &str) -> Vec<String> {
        words(&units(line)).iter().map(|word| String::from_utf16(&word.units).unwrap()).collect()
    }

    #[test]
    fn a_line_is_divided_as_the_c_runtime_does() {
        for (line, expected) in [
            (r"a", vec!["a"]),
            (r#""C:\Program Files\a.exe" b"#, vec![r"C:\Program Files\a.exe", "b"]),
            (r#""C:\a\" b"#, vec![r"C:\a\", "b"]),
            (r#"a "b c" d"#, vec!["a", "b c", "d"]),
            (r#"a b\"c \"d"#, vec!["a", r#"b"c"#, r#""d"#]),
            (r#"a "b\\" c\\d "e\\\"f""#, vec!["a", r"b\", r"c\\d", r#"e\"f"#]),
            (r#"a "b""c" "" d""#, vec!["a", r#"b"c"#, "", "d"]),
            ("a  \t b ", vec!["a", "b"]),
            (r#"a b" "c d\"#, vec!["a", "b c", r"d\"]),
            ("", vec![""]),
        ] {
            assert_eq!(texts(line), expected, "{line}");
        }
    }

    #[test]
    fn the_command_gets_its_part_of_the_line_as_it_was_given() {
        let line = units(r#"guard --grace=1 --  "C:\a b.exe"  /s /c ""x" %y% ^ z"" "#);
        let all = words(&line);
        assert_eq!(of_command(&line, &all[3], None), units(r#""C:\a b.exe"  /s /c ""x" %y% ^ z"" "#));
    }

    #[test]
    fn another_name_takes_the_place_of_the_first_word() {
        let line = units(r#"guard -- "a b" c"#);
        for (name, expected) in [("x", "x c"), ("x y", r#""x y" c"#), ("", r#""" c"#)] {
            let command = &words(&line)[2];
            assert_eq!(of_command(&line, command, Some(&units(name))), units(expected));
        }
    }
}
