//! Where a program is: as libuv looks for it, so that the guard starts what Node would have started.

const BACKSLASH: u16 = b'\\' as u16;
const SLASH: u16 = b'/' as u16;
const DOT: u16 = b'.' as u16;
const COLON: u16 = b':' as u16;
const SEMICOLON: u16 = b';' as u16;
const QUOTE: u16 = b'"' as u16;

/// Tried behind a name that is no file by itself.
const EXTENSIONS: [&str; 2] = [".com", ".exe"];

/// What the system starts by cmd.exe, which divides the command line by rules of its own.
const BATCH: [&str; 2] = [".bat", ".cmd"];

/// Finds a program. `path` is the value of `PATH`. A relative path is one from the working directory.
///
/// # References
/// libuv, `process.c`, `search_path`
pub(crate) fn find(name: &[u16], path: &[u16], is_file: impl Fn(&[u16]) -> bool) -> Option<Vec<u16>> {
    let start = name.iter().rposition(|unit| [BACKSLASH, SLASH, COLON].contains(unit)).map_or(0, |at| at + 1);
    let (folder, file) = name.split_at_checked(start)?;
    if file.is_empty() || file == [DOT] {
        return None;
    }
    let has_extension = file.iter().rposition(|unit| *unit == DOT).is_some_and(|at| at + 1 < file.len());
    let in_folder = |folder: &[u16]| {
        let bare = [folder, file].concat();
        if has_extension && is_file(&bare) {
            return Some(bare);
        }
        EXTENSIONS.into_iter().find_map(|extension| {
            let whole: Vec<u16> = bare.iter().copied().chain(extension.encode_utf16()).collect();
            is_file(&whole).then_some(whole)
        })
    };
    // The working directory comes first, for a name without a folder.
    in_folder(folder).or_else(|| {
        let folders = folders_in(path).into_iter().filter(|_| folder.is_empty());
        folders.filter(|folder| !folder.is_empty()).find_map(|mut folder| {
            if !folder.last().is_some_and(|unit| [BACKSLASH, SLASH, COLON].contains(unit)) {
                folder.push(BACKSLASH);
            }
            in_folder(&folder)
        })
    })
}

/// Divides `PATH`. A folder may be quoted, and have a semicolon then.
fn folders_in(path: &[u16]) -> Vec<Vec<u16>> {
    let mut folders = vec![Vec::new()];
    let mut is_quoted = false;
    for unit in path {
        match *unit {
            QUOTE => is_quoted = !is_quoted,
            SEMICOLON if !is_quoted => folders.push(Vec::new()),
            unit => {
                if let Some(folder) = folders.last_mut() {
                    folder.push(unit);
                }
            }
        }
    }
    folders
}

/// Returns whether a file is for cmd.exe.
pub(crate) fn is_batch(path: &[u16]) -> bool {
    let end = path.iter().rposition(|unit| *unit != DOT && *unit != u16::from(b' ')).map_or(0, |at| at + 1);
    let tail = path.get(end.saturating_sub(4)..end).unwrap_or_default();
    let tail = String::from_utf16_lossy(tail).to_ascii_lowercase();
    BATCH.contains(&tail.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn found(name: &str, path: &str, files: &[&str]) -> Option<String> {
        let is_file = |path: &[u16]| files.contains(&String::from_utf16(path).unwrap().as_str());
        find(&units(name), &units(path), is_file).map(|path| String::from_utf16(&path).unwrap())
    }

    #[test]
    fn a_name_is_looked_for_in_the_working_directory_and_then_in_path() {
        assert_eq!(found("a", r"C:\x;C:\y", &["a.exe", r"C:\x\a.exe"]).as_deref(), Some("a.exe"));
        assert_eq!(found("a", r#"C:\x;;"C:\y;z";D:\"#, &[r"C:\y;z\a.com"]).as_deref(), Some(r"C:\y;z\a.com"));
        assert_eq!(found("a", r"C:\x;D:\", &[r"D:\a.exe"]).as_deref(), Some(r"D:\a.exe"));
        assert_eq!(found("a", r"C:\x", &["a", r"C:\x\a", r"C:\x\a.cmd"]), None);
    }

    #[test]
    fn a_name_with_an_extension_is_tried_as_it_is_first() {
        assert_eq!(found("a.b", "", &["a.b", "a.b.exe"]).as_deref(), Some("a.b"));
        assert_eq!(found("a.b", "", &["a.b.exe"]).as_deref(), Some("a.b.exe"));
        assert_eq!(found("a.", "", &["a.", "a..exe"]).as_deref(), Some("a..exe"));
    }

    #[test]
    fn a_path_is_not_looked_for_elsewhere() {
        assert_eq!(found(r"x\a", r"C:\y", &[r"C:\y\x\a.exe", r"C:\y\a.exe"]), None);
        assert_eq!(found("x/a", "", &["x/a.com"]).as_deref(), Some("x/a.com"));
        for name in ["", ".", r"x\", "C:"] {
            assert_eq!(
                found(name, r"C:\x", &["", r"x\", r"C:\x\", ".exe", r"x\.exe", "C:.exe"]),
                None,
                "{name}"
            );
        }
    }

    #[test]
    fn batch_files_are_told_by_their_extension() {
        for path in [r"a.cmd", r"C:\x y\A.BAT", "a.cmd. ", "a.bat."] {
            assert!(is_batch(&units(path)), "{path}");
        }
        for path in ["a.exe", "cmd", "a.cmdx", "", "."] {
            assert!(!is_batch(&units(path)), "{path}");
        }
    }
}
