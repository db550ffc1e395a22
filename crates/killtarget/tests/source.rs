//! Rules of the source that neither rustc nor clippy can be told.

#![allow(clippy::unwrap_used, clippy::panic)] // in the helpers of tests, too

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::visit::Visit;

const BINDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src");
const CORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// The core's layers, from the lowest to the highest: a file or a folder each. Imports go down only.
const LAYERS: [&str; 12] = [
    "types",
    "sys",
    "test_hooks",
    "exit_hook",
    "ancestors",
    "protection",
    "target",
    "reactor",
    "scope",
    "operations",
    "terminate",
    "lib",
];

/// A panic that unwinds into Node-API aborts the user's process. What runs at load is under napi's own guard.
#[test]
fn every_function_that_javascript_can_call_catches_panics() {
    let mut functions = 0;
    for file in rust_files(Path::new(BINDING)) {
        let source = fs::read_to_string(file).unwrap();
        for (at, _) in source.match_indices("#[napi") {
            let (attribute, rest) = source[at..].split_once("]\n").unwrap();
            let is_item = |line: &&str| !line.starts_with("#[") && !line.starts_with("//");
            let item = rest.lines().find(is_item).unwrap();
            if item.starts_with("pub fn") {
                functions += 1;
                let is_safe = attribute.contains("catch_unwind") || attribute.contains("module_exports");
                assert!(is_safe, "{item}");
            } else {
                let is_object = item.starts_with("pub struct") && attribute.starts_with("#[napi(object");
                assert!(is_object, "{attribute}] {item}");
            }
        }
    }
    assert!(functions > 20, "the functions were found");
}

#[test]
fn only_sys_names_the_operating_system() {
    let files: Vec<_> =
        rust_files(Path::new(CORE)).into_iter().chain(rust_files(Path::new(BINDING))).collect();
    assert!(files.len() > 50, "the files were found");
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let in_sys = file.starts_with(Path::new(CORE).join("sys"));
        for word in
            ["target_os", "target_family", "cfg(unix)", "cfg(windows)", "libc::", "nix::", "windows_sys"]
        {
            assert!(in_sys || !source.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn imports_of_the_core_go_down_only() {
    let imports = imports_of(Path::new(CORE));
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 200, "the imports were found");
    let level = |module: &str| {
        let layer = module.split("::").next().unwrap();
        LAYERS.iter().position(|known| *known == layer).unwrap_or_else(|| panic!("{module} is in no layer"))
    };
    for (importer, imported) in &imports {
        for module in imported {
            assert!(level(module) <= level(importer), "{importer} imports {module}, which stands above it");
        }
    }
    assert_no_circle(&imports);
}

#[test]
fn imports_of_the_binding_form_no_circle() {
    let imports = imports_of(Path::new(BINDING));
    assert!(imports.len() > 4, "the files were found");
    assert_no_circle(&imports);
}

#[test]
fn a_circle_is_found() {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let line = BTreeMap::from([
        ("a".to_owned(), set(&["b", "c"])),
        ("b".to_owned(), set(&["c"])),
        ("c".to_owned(), set(&[])),
    ]);
    assert_eq!(circle_in(&line), None);
    let mut circle = line;
    circle.insert("c".to_owned(), set(&["a"]));
    assert!(circle_in(&circle).is_some());
}

/// The folders of the core show its layers: few files stand beside them, and none is long.
#[test]
fn files_are_few_and_short() {
    let beside = fs::read_dir(CORE).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
    assert!(beside <= 8, "{beside} files stand directly in the core's src");
    let mut lengths = Vec::new();
    for file in rust_files(Path::new(CORE)).into_iter().chain(rust_files(Path::new(BINDING))) {
        let source = fs::read_to_string(&file).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap().lines().count();
        assert!(code <= 300, "{} has {code} lines without its tests", file.display());
        lengths.push(code);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < 90, "the median of a file is {median} lines");
}

fn assert_no_circle(imports: &BTreeMap<String, BTreeSet<String>>) {
    if let Some(circle) = circle_in(imports) {
        panic!("these import each other: {}", circle.join(" -> "));
    }
}

/// The modules that import each other, one after the other.
fn circle_in(imports: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit(
        module: &str,
        imports: &BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = path.iter().position(|visited| visited == module) {
            return Some(path[start..].to_vec());
        }
        if done.contains(module) {
            return None;
        }
        path.push(module.to_owned());
        let found = imports.get(module)?.iter().find_map(|next| visit(next, imports, path, done));
        path.pop();
        done.insert(module.to_owned());
        found
    }
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| visit(module, imports, &mut Vec::new(), &mut done))
}

/// Each module with the modules that its paths name.
fn imports_of(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<_, _> =
        rust_files(folder).into_iter().map(|file| (module_of(folder, &file), file)).collect();
    let is_module = |path: &[String]| files.contains_key(&path.join("::"));
    let mut imports = BTreeMap::new();
    for (module, file) in &files {
        let mut paths = Paths { module: segments(module), found: Vec::new() };
        paths.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
        // The longest part of a path that is a module; the rest is an item of it.
        let modules = paths.found.iter().filter_map(|path| {
            let length = (1..=path.len()).rev().find(|length| is_module(&path[..*length]))?;
            Some(path[..length].join("::"))
        });
        imports.insert(module.clone(), modules.filter(|named| named != module).collect());
    }
    imports
}

/// Collects the paths of a file, from the crate's root on.
struct Paths {
    /// The module that is being read: that of the file, or one within it.
    module: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Paths {
    /// A path as it is from the crate's root on.
    fn note(&mut self, path: &[String]) {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let absolute = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("self") => [&self.module, &path[1..]].concat(),
            Some("super") => [&self.module[..self.module.len() - ups], &path[ups..]].concat(),
            // Of a module within this one, or of another crate, which is in no folder here.
            _ => [&self.module, path].concat(),
        };
        self.found.push(absolute);
    }

    fn note_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.note_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.note_tree(item, before)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&item.tree, &[]);
    }

    /// `pub(super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&parts);
        syn::visit::visit_path(self, path);
    }
}

fn module_of(folder: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(folder).unwrap().with_extension("");
    let module = relative.to_str().unwrap().replace('/', "::");
    module.strip_suffix("::mod").unwrap_or(&module).to_owned()
}

/// The root has none.
fn segments(module: &str) -> Vec<String> {
    if module == "lib" { Vec::new() } else { module.split("::").map(str::to_owned).collect() }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}
