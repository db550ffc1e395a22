//! Rules of the source that neither rustc nor clippy can be told.

#![allow(clippy::unwrap_used)] // in the helpers of tests, too

use std::{fs, path::Path};

/// A panic that unwinds into Node-API aborts the user's process. What runs at load is under napi's own guard.
#[test]
fn every_function_that_javascript_can_call_catches_panics() {
    let source = fs::read_to_string("src/binding.rs").unwrap();
    let mut functions = 0;
    for (at, _) in source.match_indices("#[napi") {
        let (attribute, rest) = source[at..].split_once("]\n").unwrap();
        let item = rest.lines().find(|line| !line.starts_with("#[") && !line.starts_with("//")).unwrap();
        if item.starts_with("pub fn") {
            functions += 1;
            assert!(attribute.contains("catch_unwind") || attribute.contains("module_exports"), "{item}");
        } else {
            assert!(
                item.starts_with("pub struct") && attribute.starts_with("#[napi(object"),
                "{attribute}] {item}"
            );
        }
    }
    assert!(functions > 5, "the functions were found");
}

#[test]
fn only_sys_knows_the_operating_system() {
    let mut files = 0;
    for file in rust_files(Path::new("src")) {
        files += 1;
        let source = fs::read_to_string(&file).unwrap();
        let in_sys = file.starts_with("src/sys");
        for word in ["target_os", "target_family", "cfg(unix)", "cfg(windows)", "libc::", "nix::"] {
            assert!(in_sys || !source.contains(word), "{} says {word}", file.display());
        }
    }
    assert!(files > 10, "the files were found");
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}
