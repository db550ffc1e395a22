//! `/proc`: a replacement for pidfds, and facts that a pidfd does not give.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::{
    errno::Errno,
    fcntl::{AtFlags, OFlag, readlinkat},
    sys::stat::fstatat,
    unistd::read,
};

use super::{
    directory::pids_in,
    proc_root::{DIRECTORY, FILE, PATH, ProcRoot, root},
    spare_fd, stat,
};
pub(super) use super::{proc_root::Unusable, stat::Stat};
use crate::{
    sys::{
        types::RunState,
        unix::{
            guard_program::{FileId, id_of},
            process,
        },
    },
    types::Pid,
};

/// The link count of `/proc/PID/task` without the `..` of each thread's directory: its name and `.`.
const LINKS_WITHOUT_THREADS: libc::nlink_t = 2;

/// How often the threads of a process are looked at that may have exited. If they come and go each time, it is alive.
const MAX_LOOKS: usize = 4;

/// Checks that `/proc` is available and belongs to this PID namespace.
pub(super) fn check() -> Result<(), Unusable> {
    root().map(drop)
}

/// An open `/proc/PID` directory. It always belongs to the same process. Once that is reaped, opening a file in it
/// fails, even if the pid was reused.
#[derive(Debug)]
pub(super) struct ProcDir {
    dir: OwnedFd,
    root: &'static ProcRoot,
    pid: Pid,
}

impl ProcDir {
    /// `open("/proc/PID", O_RDONLY | O_DIRECTORY | O_CLOEXEC)`
    ///
    /// Opens the directory of the process that has the pid now.
    ///
    /// # Errors
    /// `ENOENT`: no process has the pid, or `hidepid` hides it. `EXDEV`: another mount covers the directory.
    ///
    /// # References
    /// `proc(5)`
    pub(super) fn open(pid: Pid) -> Result<Self, Errno> {
        let root = root()?;
        let dir = root.open_at(root.as_fd(), &pid.to_string(), DIRECTORY)?;
        Ok(Self { dir, root, pid })
    }

    /// Returns the entry of the process that the directory belongs to.
    pub(super) fn entry(&self) -> ProcEntry<'_> {
        ProcEntry { root: self.root, dir: self.dir.as_fd(), prefix: String::new(), pid: self.pid }
    }
}

impl AsFd for ProcDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }
}

impl From<ProcDir> for OwnedFd {
    fn from(dir: ProcDir) -> Self {
        dir.dir
    }
}

/// Returns the entry of a pid. Each read is about the process that has the pid at that time.
///
/// # Errors
/// `/proc` cannot be used.
pub(super) fn by_pid(pid: Pid) -> Result<ProcEntry<'static>, Unusable> {
    let root = root()?;
    Ok(ProcEntry { root, dir: root.as_fd(), prefix: format!("{pid}/"), pid })
}

/// The entry of a process in `/proc`. Each read opens one file descriptor at a time and closes it. If another mount
/// covers what is read, that gives `EXDEV`.
pub(super) struct ProcEntry<'a> {
    root: &'static ProcRoot,
    dir: BorrowedFd<'a>,
    /// The path from `dir` to the entry. Empty if `dir` is the entry.
    prefix: String,
    pid: Pid,
}

impl ProcEntry<'_> {
    /// Reads the facts about the process. Returns `None` if the process was reaped, or if an entry by pid is hidden.
    ///
    /// # Errors
    /// `ENOENT`: the open directory is hidden. Once the process is reaped, it gives `ESRCH`.
    pub(super) fn stat(&self) -> Result<Option<Stat>, Errno> {
        self.read_own_line(Stat::parse)
    }

    /// Reads the facts and the name.
    pub(super) fn named_stat(&self) -> Result<Option<(Stat, String)>, Errno> {
        self.read_own_line(|line| Stat::parse(line).zip(Stat::name(line)))
    }

    /// Returns the run state of the thread that is furthest from being stopped. The first thread may be stopped or have
    /// exited while another runs. Returns `None` if the process was reaped, or if an entry by pid is hidden.
    pub(super) fn run_state(&self) -> Result<Option<RunState>, Errno> {
        let run_states = self.thread_stats()?.map(|threads| threads.into_iter().map(Stat::run_state));
        Ok(run_states.map(|run_states| run_states.fold(RunState::Stopped, RunState::max)))
    }

    /// Reads the facts about each thread. Returns `None` if the process was reaped, or if an entry by pid is hidden.
    pub(super) fn thread_stats(&self) -> Result<Option<Vec<Stat>>, Errno> {
        let Some(threads) = self.threads()? else { return Ok(None) };
        let mut stats = Vec::new();
        for thread in threads {
            match self.thread_stat(thread)? {
                Some(stat) => stats.push(stat),
                // The first thread is reaped with the process.
                None if thread == self.pid => return Ok(None),
                None => {}
            }
        }
        Ok(Some(stats))
    }

    /// Returns whether any thread of the process has not exited.
    pub(super) fn is_alive(&self) -> Result<bool, Errno> {
        for _ in 0..MAX_LOOKS {
            let Some(first) = self.stat()? else { return Ok(false) };
            // If the first thread exits before the others, it stays a zombie until they have exited.
            if !first.has_exited() || first.num_threads <= 1 {
                return Ok(!first.has_exited());
            }
            let Some(threads) = self.thread_stats()? else { return Ok(false) };
            let exited = threads.iter().filter(|thread| thread.has_exited()).count();
            if exited < threads.len() {
                return Ok(true);
            }
            if usize::try_from(first.num_threads).is_ok_and(|threads| exited >= threads) {
                return Ok(false);
            }
            // The list lacks a thread that was started, or one that was reaped, while it was read.
        }
        Ok(true)
    }

    /// Returns whether the process certainly has no program: `readlink` of `exe` gives `ENOENT`. If the caller may
    /// not read the link, it gives `EACCES`.
    pub(super) fn has_no_program(&self) -> bool {
        let read = || Ok(readlinkat(self.open("exe", PATH | OFlag::O_NOFOLLOW)?, ""));
        spare_fd::with_spare(read) == Ok(Err(Errno::ENOENT))
    }

    /// Returns what identifies the program, or `None` if the process has none or that may not be read.
    pub(super) fn program(&self) -> Option<FileId> {
        fstatat(self.dir, self.path("exe").as_str(), AtFlags::empty()).ok().as_ref().map(id_of)
    }

    /// Returns whether the entry exists and is not hidden from this process.
    pub(super) fn is_visible(&self) -> bool {
        spare_fd::with_spare(|| self.open("stat", PATH).map(drop)).is_ok()
    }

    /// Returns whether the process has that many threads now, from the link count of `task`. This saves reading the
    /// directory. The caller then reads on the same path, which fails if another mount covers it.
    pub(super) fn has_thread_count(&self, count: usize) -> bool {
        self.thread_count() == Some(count)
    }

    /// Returns how many threads the process has now, by the same count.
    pub(super) fn thread_count(&self) -> Option<usize> {
        let task = fstatat(self.dir, self.path("task").as_str(), AtFlags::empty()).ok()?;
        usize::try_from(task.st_nlink.checked_sub(LINKS_WITHOUT_THREADS)?).ok()
    }

    /// Reads a file of any length. Returns `None` if the process or thread was reaped.
    pub(super) fn read_file(&self, name: &str) -> Result<Option<Vec<u8>>, Errno> {
        unless_gone(spare_fd::with_spare(|| self.root.read_at(self.dir, &self.path(name))))
    }

    /// Reads at most that many bytes of a file. Returns `None` if the process or thread was reaped.
    pub(super) fn read_start(&self, name: &str, length: usize) -> Result<Option<Vec<u8>>, Errno> {
        unless_gone(spare_fd::with_spare(|| self.root.read_start_at(self.dir, &self.path(name), length)))
    }

    /// Lists the threads. Returns `None` if the process was reaped, or if an entry by pid is hidden.
    pub(super) fn threads(&self) -> Result<Option<Vec<Pid>>, Errno> {
        if self.has_thread_count(1) {
            return Ok(Some(vec![self.pid]));
        }
        self.unless_reaped(spare_fd::with_spare(|| {
            let threads = pids_in(self.open("task", DIRECTORY)?)?;
            // The first thread stays in the list until the process is reaped.
            match threads.first() {
                None => Err(Errno::ESRCH),
                Some(_) if threads.contains(&self.pid) => Ok(threads),
                Some(_) => Err(Errno::EXDEV),
            }
        }))
    }

    /// Reads the facts about a thread. Returns `None` if the thread was reaped.
    fn thread_stat(&self, thread: Pid) -> Result<Option<Stat>, Errno> {
        unless_gone(self.read_line(&format!("task/{thread}/stat"), thread, Stat::parse))
    }

    /// Reads the line about the process.
    pub(super) fn read_own_line<T>(&self, parse: fn(&[u8]) -> Option<T>) -> Result<Option<T>, Errno> {
        self.unless_reaped(self.read_line("stat", self.pid, parse))
    }

    /// Reads a line about a process or a thread. `EXDEV` if it is about another one.
    fn read_line<T>(&self, name: &str, pid: Pid, parse: fn(&[u8]) -> Option<T>) -> Result<T, Errno> {
        spare_fd::with_spare(|| {
            // The line has 52 fields, with a name of at most 64 bytes. One read returns all of it.
            let mut line = [0; 2048];
            let file = self.open(name, FILE)?;
            let length = read(&file, &mut line)?;
            let line = &line[..length];
            if stat::pid(line) == Some(pid) { parse(line).ok_or(Errno::EIO) } else { Err(Errno::EXDEV) }
        })
    }

    /// Opens a file of the entry. What it contains shows whether it is about the process.
    pub(super) fn open(&self, name: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
        self.root.open_on_device(self.dir, &self.path(name), flags)
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Returns `None` if the process was reaped. A pid without an entry gives `ENOENT`. In an open directory, `ENOENT`
    /// means that the process is hidden. (`proc_pid_permission` in the kernel)
    fn unless_reaped<T>(&self, result: Result<T, Errno>) -> Result<Option<T>, Errno> {
        match result {
            Err(Errno::ENOENT) if self.prefix.is_empty() => Err(Errno::ENOENT),
            result => unless_gone(result),
        }
    }
}

/// Lists every visible process. `hidepid` may hide those of other users.
pub(super) fn list() -> Result<Vec<Pid>, Errno> {
    let root = root()?;
    spare_fd::with_spare(|| pids_in(root.open_on_device(root.as_fd(), ".", DIRECTORY)?))
}

/// Returns whether the kernel lists the children of each thread.
///
/// # Errors
/// `/proc` cannot be used, or no file descriptor is left.
pub(super) fn lists_children() -> Result<bool, Errno> {
    let caller = process::own_pid();
    let entry = by_pid(caller)?;
    let list = spare_fd::with_spare(|| entry.open(&format!("task/{caller}/children"), PATH).map(drop));
    Ok(unless_gone(list)?.is_some())
}

/// Reads a file that is about the system, by its path in `/proc`.
pub(super) fn read_of_system(path: &str) -> Result<Vec<u8>, Errno> {
    let root = root()?;
    spare_fd::with_spare(|| root.read_of_system(path))
}

/// Returns whether the mounted `/proc` has a `hidepid` option, which hides processes or the facts about them.
pub(super) fn hides_processes() -> bool {
    root().map_or(true, ProcRoot::hides_processes)
}

/// Returns `None` if the process or thread was reaped: `ENOENT` before the file was opened, `ESRCH` between opening and
/// reading.
pub(super) fn unless_gone<T>(result: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Errno::ENOENT | Errno::ESRCH) => Ok(None),
        Err(errno) => Err(errno),
    }
}
