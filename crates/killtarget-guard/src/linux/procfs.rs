//! What `/proc` tells about processes.

use std::{
    ffi::CStr,
    os::fd::{AsFd, OwnedFd},
};

use crate::{
    arguments::number,
    sys::{self, Directory, Errno},
    text::Text,
    types::Signal,
};

/// Room for the path of a file of a process.
type Path = Text<64>;

/// Starts a path with the folder of a process.
fn folder_of(pid: i32) -> Path {
    Path::new().add(b"/proc/").number(pid.unsigned_abs())
}

/// What `/proc/PID/stat` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) state: u8,
    pub(crate) parent: i32,
    /// The process group. 0 if it is of an outer PID namespace.
    pub(crate) group: i32,
    pub(crate) threads: u64,
    /// The start time in clock ticks.
    pub(crate) start: u64,
}

impl Stat {
    /// Returns `None` if the process does not exist, or cannot be seen or read.
    pub(crate) fn read(pid: i32) -> Option<Self> {
        Self::look(pid).ok()?
    }

    /// Returns `None` if the process does not exist, or cannot be seen.
    ///
    /// # Errors
    /// It cannot be read now, as without a free file descriptor.
    pub(crate) fn look(pid: i32) -> Result<Option<Self>, Errno> {
        let mut buffer = [0; 1024];
        let path = folder_of(pid).add(b"/stat");
        match sys::read_start(path.as_c_str(), &mut buffer) {
            Ok(text) => Ok(Self::parse(text)),
            Err(Errno::ENOENT | Errno::ESRCH) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The name of the program is in parentheses. It may have parentheses, spaces and line feeds itself.
    fn parse(text: &[u8]) -> Option<Self> {
        let end = text.iter().rposition(|byte| *byte == b')')?;
        let mut fields = text.get(end + 2..)?.split(|byte| *byte == b' ');
        let state = *fields.next()?.first()?;
        let parent = i32::try_from(number(fields.next()?)?).ok()?;
        let group = i32::try_from(number(fields.next()?)?).ok()?;
        // Fields 20 and 22, after the fields 3 to 5.
        let threads = number(fields.nth(14)?)?;
        let start = number(fields.nth(1)?)?;
        Some(Self { state, parent, group, threads, start })
    }

    /// A zombie, or less. If only the first thread has exited, the state is that of a zombie, too.
    pub(crate) const fn has_exited(&self) -> bool {
        self.state == b'X' || self.state == b'Z' && self.threads <= 1
    }

    pub(crate) const fn is_stopped(&self) -> bool {
        self.state == b'T'
    }

    /// Neither stopped nor over.
    pub(crate) const fn may_run(&self) -> bool {
        !matches!(self.state, b'T' | b't' | b'Z' | b'X')
    }
}

/// The signals that are pending for a process or its first thread, as `/proc/PID/status` tells them.
pub(crate) struct Pending(u64);

impl Pending {
    /// Returns `None` if they cannot be read.
    pub(crate) fn read(pid: i32) -> Option<Self> {
        read_masks(pid, [b"SigPnd:\t", b"ShdPnd:\t"]).map(|[own, shared]| Self(own | shared))
    }

    pub(crate) fn has(&self, signal: Signal) -> bool {
        self.0 >> (signal.raw() - 1) & 1 != 0
    }
}

/// Returns whether a process blocks a signal, as far as that can be read.
pub(crate) fn blocks(pid: i32, signal: Signal) -> bool {
    read_masks(pid, [b"SigBlk:\t"]).is_some_and(|[mask]| mask >> (signal.raw() - 1) & 1 != 0)
}

/// Reads sets of signals from `/proc/PID/status`.
fn read_masks<const N: usize>(pid: i32, names: [&[u8; 8]; N]) -> Option<[u64; N]> {
    // Before these lines is one with all groups of the user.
    let mut buffer = [0; 8192];
    let path = folder_of(pid).add(b"/status");
    let text = sys::read_start(path.as_c_str(), &mut buffer).ok()?;
    let mut masks = [0; N];
    for (mask, name) in masks.iter_mut().zip(names) {
        let line = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name.as_slice()))?;
        *mask = u64::from_str_radix(str::from_utf8(line).ok()?, 16).ok()?;
    }
    Some(masks)
}

/// The list of the children of this process.
pub(crate) enum OwnChildren {
    /// `/proc/self/task/TID/children`: this program has one thread.
    File(OwnedFd),
    /// The kernel has no such file. The parent of each process is read.
    Scan,
}

impl OwnChildren {
    /// # Errors
    /// `/proc` is not available, or not of this PID namespace.
    pub(crate) fn open() -> Result<Self, Errno> {
        let own = sys::own_pid();
        let mut buffer = [0; 16];
        if number(sys::read_link(c"/proc/self", &mut buffer)?) != u64::try_from(own).ok() {
            return Err(Errno::ENOENT);
        }
        let path = children_of(own, own);
        Ok(sys::open(path.as_c_str()).map_or(Self::Scan, Self::File))
    }

    /// Calls back with the pid of each child. Children may be signalled meanwhile, and must not be reaped.
    pub(crate) fn each(&self, on_child: impl FnMut(i32)) {
        match self {
            Self::File(file) => each_in_list(file, on_child),
            Self::Scan => scan(sys::own_pid(), on_child),
        }
    }

    /// Calls back with the pid of each child of another process.
    pub(crate) fn each_of(&self, parent: i32, on_child: impl FnMut(i32)) {
        match self {
            Self::File(_) => each_child_of(parent, on_child),
            Self::Scan => scan(parent, on_child),
        }
    }

    pub(crate) fn as_file(&self) -> Option<&OwnedFd> {
        match self {
            Self::File(file) => Some(file),
            Self::Scan => None,
        }
    }
}

/// For kernels that do not list children. Calls back with the pid of each process that names this parent.
fn scan(parent: i32, mut on_child: impl FnMut(i32)) {
    each_in_folder(c"/proc", |pid| {
        if Stat::read(pid).is_some_and(|stat| stat.parent == parent) {
            on_child(pid);
        }
    });
}

/// Calls back with the pid of each child of a process, those of all its threads.
fn each_child_of(pid: i32, mut on_child: impl FnMut(i32)) {
    let tasks = folder_of(pid).add(b"/task");
    each_in_folder(tasks.as_c_str(), |thread| each_child_of_thread(pid, thread, &mut on_child));
}

/// Calls back with the pid of each child of one thread of a process.
pub(crate) fn each_child_of_thread(pid: i32, thread: i32, on_child: impl FnMut(i32)) {
    if let Ok(file) = sys::open(children_of(pid, thread).as_c_str()) {
        each_in_list(&file, on_child);
    }
}

fn children_of(pid: i32, thread: i32) -> Path {
    folder_of(pid).add(b"/task/").number(thread.unsigned_abs()).add(b"/children")
}

fn each_in_folder(path: &CStr, mut on_number: impl FnMut(i32)) {
    let mut buffer = [0; 2048];
    let Ok(folder) = sys::open_directory(path) else { return };
    let mut folder = Directory::new(folder, &mut buffer);
    while let Some(found) = folder.next_number() {
        on_number(found);
    }
}

/// Reads pids that are separated by spaces. A pid may be cut at the end of what one call reads.
fn each_in_list(file: &OwnedFd, mut on_child: impl FnMut(i32)) {
    let mut buffer = [0; 2048];
    let (mut offset, mut pid) = (0, 0_i32);
    while let Ok(text) = sys::read_at(file.as_fd(), &mut buffer, offset) {
        if text.is_empty() {
            return;
        }
        offset += text.len() as u64;
        for byte in text {
            if byte.is_ascii_digit() {
                pid = pid.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
                continue;
            }
            if pid > 0 {
                on_child(pid);
            }
            pid = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    fn the_fields_after_a_hostile_name_are_read() {
        let rest = "T 7 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0";
        for name in ["a", ") R 1 (", "a b\n)"] {
            let text = format!("12 ({name}) {rest}");
            let expected = Stat { state: b'T', parent: 7, group: 1, threads: 1, start: 4711 };
            assert_eq!(Stat::parse(text.as_bytes()), Some(expected), "{name}");
        }
        assert_eq!(Stat::parse(b"12 (a) T 7"), None);
        assert_eq!(Stat::parse(b""), None);
    }

    #[test]
    fn the_children_of_this_thread_are_found_by_either_way() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let own = sys::own_pid();
        let (mut listed, mut scanned) = (Vec::new(), Vec::new());
        each_child_of(own, |pid| listed.push(pid));
        OwnChildren::Scan.each(|pid| scanned.push(pid));
        assert!(listed.contains(&pid) && scanned.contains(&pid), "{listed:?}, {scanned:?}");
        assert_eq!(Stat::read(pid).unwrap().parent, own);
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn the_children_of_another_process_are_found_by_either_way() {
        // A command in the background has no standard input of its own.
        let shell = "exec 3<&0; read _ <&3 & echo; wait";
        let mut parent = Command::new("sh")
            .args(["-c", shell])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pid = i32::try_from(parent.id()).unwrap();
        let listing = OwnChildren::File(sys::open(children_of(pid, pid).as_c_str()).unwrap());
        let found = [listing, OwnChildren::Scan].map(|children| {
            let mut found = Vec::new();
            children.each_of(pid, |child| found.push(child));
            found
        });
        drop(parent.stdin.take());
        parent.wait().unwrap();
        assert_eq!(found[0].len(), 1);
        assert_eq!(found[0], found[1]);
    }
}
