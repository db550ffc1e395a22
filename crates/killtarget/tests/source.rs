//! Tests of rules for the source that neither rustc nor clippy can check.

#![allow(clippy::unwrap_used, clippy::panic)] // clippy allows it in tests, but not in their helpers

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::visit::Visit;

const BINDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src");
const CORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
const GUARD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../killtarget-guard/src");

/// The layers of the core, from the lowest to the highest. Each is a file or a folder. Imports go down only.
const LAYERS: [&str; 13] = [
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
    "simulation",
    "lib",
];

/// The layers of the guard.
const LAYERS_OF_GUARD: [&str; 14] = [
    "types",
    "argument_error",
    "isolation",
    "arguments",
    "text",
    "sys",
    "common",
    "linux",
    "macos",
    "macos_tested",
    "windows",
    "windows_tested",
    "lib",
    "main",
];

/// A panic that unwinds into Node-API aborts the user's process. napi itself catches a panic at load.
#[test]
fn every_function_of_the_binding_catches_panics() {
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
    assert!(functions > 20, "too few functions were found");
}

#[test]
fn only_sys_names_an_operating_system() {
    let files: Vec<_> =
        rust_files(Path::new(CORE)).into_iter().chain(rust_files(Path::new(BINDING))).collect();
    assert!(files.len() > 50, "too few files were found");
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
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 200, "too few imports were found");
    assert_down(&imports, &LAYERS);
}

#[test]
fn imports_of_the_guard_go_down_only() {
    let imports = imports_of(Path::new(GUARD));
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 30, "too few imports were found");
    assert_down(&imports, &LAYERS_OF_GUARD);
}

fn assert_down(imports: &BTreeMap<String, BTreeSet<String>>, layers: &[&str]) {
    let level = |module: &str| {
        let layer = module.split("::").next().unwrap();
        layers
            .iter()
            .position(|known| *known == layer)
            .unwrap_or_else(|| panic!("{module} is in no layer: add it to LAYERS"))
    };
    for (importer, imported) in imports {
        for module in imported {
            assert!(
                level(module) <= level(importer),
                "{importer} imports {module}, which is in a higher layer"
            );
        }
    }
    assert_no_circle(imports);
}

#[test]
fn imports_of_the_binding_form_no_circle() {
    let imports = imports_of(Path::new(BINDING));
    assert!(imports.len() > 4, "too few files were found");
    assert_no_circle(&imports);
}

#[test]
fn circle_in_finds_a_circle_of_imports() {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let acyclic = BTreeMap::from([
        ("a".to_owned(), set(&["b", "c"])),
        ("b".to_owned(), set(&["c"])),
        ("c".to_owned(), set(&[])),
    ]);
    assert_eq!(circle_in(&acyclic), None);
    let mut cyclic = acyclic;
    cyclic.insert("c".to_owned(), set(&["a"]));
    assert!(circle_in(&cyclic).is_some());
}

#[test]
fn imports_count_but_those_of_tests() {
    let source = "use crate::a; #[cfg(not(test))] mod inner { use crate::b; } #[cfg(test)] mod tests { use crate::c; }";
    let mut paths = Paths { module: Vec::new(), found: Vec::new() };
    paths.visit_file(&syn::parse_str(source).unwrap());
    let named = |module: &str| paths.found.iter().any(|path| path == &[module]);
    assert_eq!(["a", "b", "c"].map(named), [true, true, false]);
}

/// The layers of the core are visible as folders, and each file can be read in one sitting.
#[test]
fn the_core_has_few_files_outside_folders_and_no_file_is_long() {
    let count = fs::read_dir(CORE).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
    assert!(count <= 8, "the core's src has {count} files outside folders");
    let mut lengths = Vec::new();
    for file in [CORE, BINDING, GUARD].into_iter().flat_map(|folder| rust_files(Path::new(folder))) {
        let source = fs::read_to_string(&file).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap().lines().count();
        assert!(code <= 300, "{} has {code} lines, not counting tests", file.display());
        lengths.push(code);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < 90, "the median length of a file is {median} lines");
}

fn assert_no_circle(imports: &BTreeMap<String, BTreeSet<String>>) {
    if let Some(circle) = circle_in(imports) {
        panic!("these modules import each other: {}", circle.join(" -> "));
    }
}

/// Returns the modules of one circle, in the order of their imports. Returns `None` if there is no circle.
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

/// Returns each module of a folder with the modules that its paths name.
fn imports_of(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<_, _> =
        rust_files(folder).into_iter().map(|file| (module_of(folder, &file), file)).collect();
    let is_module = |path: &[String]| files.contains_key(&path.join("::"));
    let mut imports = BTreeMap::new();
    for (module, file) in &files {
        let mut paths = Paths { module: segments(module), found: Vec::new() };
        paths.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
        // The longest prefix that is a module: the rest of the path is an item in it.
        let modules = paths.found.iter().filter_map(|path| {
            let length = (1..=path.len()).rev().find(|length| is_module(&path[..*length]))?;
            Some(path[..length].join("::"))
        });
        imports.insert(module.clone(), modules.filter(|named| named != module).collect());
    }
    imports
}

/// Collects the paths in a file, as absolute paths from the crate's root.
struct Paths {
    /// The module being visited: the file's own, or one inside it.
    module: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Paths {
    /// Adds a path, as an absolute one.
    fn add(&mut self, path: &[String]) {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let absolute = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("self") => [&self.module, &path[1..]].concat(),
            Some("super") => [&self.module[..self.module.len() - ups], &path[ups..]].concat(),
            // A child module, or another crate, which no folder here matches.
            _ => [&self.module, path].concat(),
        };
        self.found.push(absolute);
    }

    fn add_tree(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.add(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.add(prefix),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.add_tree(item, prefix)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    /// Skips modules of tests: a test may import from any layer.
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.attrs.iter().any(is_cfg_test) {
            return;
        }
        self.module.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&item.tree, &[]);
    }

    /// Skips `pub(super)` and the like: their paths are no imports.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&parts);
        syn::visit::visit_path(self, path);
    }
}

/// Returns whether an attribute is `#[cfg(test)]`.
fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
}

fn module_of(folder: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(folder).unwrap().with_extension("");
    let module = relative.to_str().unwrap().replace('/', "::");
    module.strip_suffix("::mod").unwrap_or(&module).to_owned()
}

/// Returns the segments of a module's path. The root has none.
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
