//! `/proc`: a replacement for pidfds, and facts that a pidfd does not give.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::{
    dir::Dir,
    errno::Errno,
    fcntl::{AT_FDCWD, AtFlags, OFlag, open, openat, readlink, readlinkat},
    sys::stat::{Mode, fstatat},
    unistd::read,
};

use super::spare_fd;
pub(super) use super::stat::Stat;
use crate::{
    sys::{types::RunState, unix::process},
    types::Pid,
};

const FILE: OFlag = OFlag::O_RDONLY.union(OFlag::O_CLOEXEC);
const DIRECTORY: OFlag = FILE.union(OFlag::O_DIRECTORY);

/// The link count of `/proc/PID/task` without the `..` of each thread's directory: its name and `.`.
const LINKS_WITHOUT_THREADS: libc::nlink_t = 2;

/// Why the pids in `/proc` cannot be used.
pub(super) enum Unusable {
    Absent,
    /// It belongs to another PID namespace. Its pids are those of other processes.
    Foreign,
}

impl Unusable {
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "/proc is not available",
            Self::Foreign => "/proc belongs to another PID namespace",
        }
    }
}

/// Checks that `/proc` is available and belongs to this PID namespace. The result is not kept, as the mounts can
/// change.
pub(super) fn check() -> Result<(), Unusable> {
    let caller = readlink("/proc/self").map_err(|_| Unusable::Absent)?;
    if caller.as_encoded_bytes() == process::own_pid().to_string().as_bytes() {
        Ok(())
    } else {
        Err(Unusable::Foreign)
    }
}

/// An open `/proc/PID` directory. It always belongs to the same process. Once that is reaped, opening a file in it
/// fails, even if the pid was reused.
#[derive(Debug)]
pub(super) struct ProcDir(OwnedFd);

impl ProcDir {
    /// `open("/proc/PID", O_RDONLY | O_DIRECTORY | O_CLOEXEC)`
    ///
    /// Opens the directory of the process that has the pid now.
    ///
    /// # Errors
    /// `ENOENT`: no process has the pid, or `hidepid` hides it.
    ///
    /// # References
    /// `proc(5)`
    pub(super) fn open(pid: Pid) -> Result<Self, Errno> {
        open(format!("/proc/{pid}").as_str(), DIRECTORY, Mode::empty()).map(Self)
    }

    /// Returns the entry of the process that the directory belongs to.
    pub(super) fn entry(&self) -> ProcEntry<'_> {
        ProcEntry { root: self.0.as_fd(), prefix: String::new(), pid: None }
    }
}

impl AsFd for ProcDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<ProcDir> for OwnedFd {
    fn from(dir: ProcDir) -> Self {
        dir.0
    }
}

/// Returns the entry of a pid. Each read is about the process that has the pid at that time.
pub(super) fn by_pid(pid: Pid) -> ProcEntry<'static> {
    ProcEntry { root: AT_FDCWD, prefix: format!("/proc/{pid}/"), pid: Some(pid) }
}

/// The entry of a process in `/proc`. Each read opens one file descriptor at a time and closes it.
pub(super) struct ProcEntry<'a> {
    root: BorrowedFd<'a>,
    prefix: String,
    /// The pid, unless the entry belongs to an open directory.
    pid: Option<Pid>,
}

impl ProcEntry<'_> {
    /// Reads the facts about the process. Returns `None` if the process was reaped or no process has the pid.
    pub(super) fn stat(&self) -> Result<Option<Stat>, Errno> {
        self.read_stat("stat")
    }

    /// Reads the facts and the name.
    pub(super) fn named_stat(&self) -> Result<Option<(Stat, String)>, Errno> {
        self.read_line("stat", |line| Stat::parse(line).zip(Stat::name(line)))
    }

    /// Returns the run state of the thread that is furthest from being stopped. The first thread may be stopped or have
    /// exited while another runs.
    pub(super) fn run_state(&self) -> Result<RunState, Errno> {
        let mut run_state = RunState::Stopped;
        for thread in self.threads()? {
            let stat = self.read_stat(&format!("task/{thread}/stat"))?;
            run_state = run_state.max(stat.map_or(RunState::Stopped, Stat::run_state));
        }
        Ok(run_state)
    }

    /// Returns whether any thread of the process has not exited.
    pub(super) fn is_alive(&self) -> Result<bool, Errno> {
        match self.stat()? {
            None => Ok(false),
            Some(first) if !first.has_exited() => Ok(true),
            // If the first thread exits before the others, it stays a zombie until they have exited.
            Some(first) => Ok(first.num_threads > 1 && self.has_living_thread()?),
        }
    }

    /// Returns whether the process certainly has no program: `readlink` of `exe` gives `ENOENT`. If the caller may
    /// not read the link, it gives `EACCES`.
    pub(super) fn has_no_program(&self) -> bool {
        readlinkat(self.root, self.path("exe").as_str()) == Err(Errno::ENOENT)
    }

    /// Returns whether the entry exists and is not hidden from this process.
    pub(super) fn is_visible(&self) -> bool {
        fstatat(self.root, self.prefix.as_str(), AtFlags::empty()).is_ok()
    }

    /// Returns whether the process has that many threads now, from the link count of `task`. This saves reading the
    /// directory.
    pub(super) fn has_thread_count(&self, count: usize) -> bool {
        let task = fstatat(self.root, self.path("task").as_str(), AtFlags::empty());
        task.is_ok_and(|task| task.st_nlink == LINKS_WITHOUT_THREADS + count as libc::nlink_t)
    }

    /// Reads a file of any length. Returns `None` if the process or thread was reaped.
    pub(super) fn read_file(&self, name: &str) -> Result<Option<Vec<u8>>, Errno> {
        unless_gone(spare_fd::with_spare(|| read_all(self.root, &self.path(name))))
    }

    fn has_living_thread(&self) -> Result<bool, Errno> {
        for thread in self.threads()? {
            if self.read_stat(&format!("task/{thread}/stat"))?.is_some_and(|stat| !stat.has_exited()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lists the threads. The list is empty if the process was reaped.
    pub(super) fn threads(&self) -> Result<Vec<Pid>, Errno> {
        if self.has_thread_count(1)
            && let Some(pid) = self.pid
        {
            return Ok(vec![pid]);
        }
        let threads = unless_gone(spare_fd::with_spare(|| {
            pids_in(Dir::openat(self.root, self.path("task").as_str(), DIRECTORY, Mode::empty())?)
        }))?;
        Ok(threads.unwrap_or_default())
    }

    fn read_stat(&self, name: &str) -> Result<Option<Stat>, Errno> {
        self.read_line(name, Stat::parse)
    }

    pub(super) fn read_line<T>(&self, name: &str, parse: fn(&[u8]) -> Option<T>) -> Result<Option<T>, Errno> {
        unless_gone(spare_fd::with_spare(|| {
            // The line has 52 fields, with a name of at most 64 bytes. One read returns all of it.
            let mut line = [0; 2048];
            let file = openat(self.root, self.path(name).as_str(), FILE, Mode::empty())?;
            let length = read(&file, &mut line)?;
            parse(&line[..length]).ok_or(Errno::EIO)
        }))
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Lists every visible process. `hidepid` may hide those of other users.
pub(super) fn list() -> Result<Vec<Pid>, Errno> {
    spare_fd::with_spare(|| pids_in(Dir::open("/proc", DIRECTORY, Mode::empty())?))
}

/// Returns whether the kernel lists the children of each thread.
pub(super) fn lists_children() -> bool {
    let caller = process::own_pid();
    fstatat(AT_FDCWD, format!("/proc/{caller}/task/{caller}/children").as_str(), AtFlags::empty()).is_ok()
}

/// Returns the pid that the kernel allocated last in this PID namespace, to a process or a thread. Returns `None` if it
/// cannot be read.
///
/// A process that is forked with a chosen pid (`set_tid` of `clone3(2)`, privileged) does not change this value.
///
/// # References
/// `/proc/sys/kernel/ns_last_pid`, Linux 3.3, with `CONFIG_CHECKPOINT_RESTORE`: the cursor of the allocation, which
/// wraps around.
pub(crate) fn last_pid() -> Option<Pid> {
    let text = spare_fd::with_spare(|| read_all(AT_FDCWD, LAST_PID));
    std::str::from_utf8(&text.ok()?).ok()?.trim_end().parse().ok().and_then(|number| Pid::new(number).ok())
}

const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

/// Returns whether the mounted `/proc` has a `hidepid` option, which hides processes or the facts about them.
///
/// # References
/// `proc(5)`: `hidepid`. `proc_pid_mountinfo(5)`: the mount point is the fifth field, and the file system's options
/// are the last.
pub(super) fn hides_processes() -> bool {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return true };
    let mut proc_mounts = mounts.lines().filter(|line| line.split(' ').nth(4) == Some("/proc"));
    // The last mount covers the earlier ones.
    proc_mounts.next_back().and_then(|line| line.rsplit(' ').next()).is_some_and(|options| {
        let hiding_options = [
            "hidepid=1",
            "hidepid=noaccess",
            "hidepid=2",
            "hidepid=invisible",
            "hidepid=4",
            "hidepid=ptraceable",
        ];
        options.split(',').any(|option| hiding_options.contains(&option))
    })
}

/// Reads a file of any length.
pub(super) fn read_all(root: BorrowedFd<'_>, path: &str) -> Result<Vec<u8>, Errno> {
    let file = openat(root, path, FILE, Mode::empty())?;
    let (mut content, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match read(&file, &mut part)? {
            0 => return Ok(content),
            length => content.extend_from_slice(&part[..length]),
        }
    }
}

/// Lists the entries that are pids.
fn pids_in(mut directory: Dir) -> Result<Vec<Pid>, Errno> {
    let mut pids = Vec::new();
    for entry in directory.iter() {
        let number = entry?.file_name().to_str().ok().and_then(|name| name.parse().ok());
        pids.extend(number.and_then(|number| Pid::new(number).ok()));
    }
    Ok(pids)
}

/// Returns `None` if the process was reaped: `ENOENT` before the file was opened, `ESRCH` between opening and reading.
fn unless_gone<T>(result: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Errno::ENOENT | Errno::ESRCH) => Ok(None),
        Err(errno) => Err(errno),
    }
}
