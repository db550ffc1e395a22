//! `/proc`, where there is no pidfd and for what a pidfd does not tell.

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

/// How many links the folder of a single thread has: `.`, its name, and the thread's folder.
const LINKS_OF_ONE: libc::nlink_t = 3;

/// Why the numbers in `/proc` can't be used.
pub(super) enum Unusable {
    Absent,
    /// It belongs to another PID namespace: its numbers are other processes'.
    Foreign,
}

/// Whether `/proc` is there and speaks of the processes of this PID namespace. Asked anew each time, as what is
/// mounted can change.
pub(super) fn check() -> Result<(), Unusable> {
    let caller = readlink("/proc/self").map_err(|_| Unusable::Absent)?;
    if caller.as_encoded_bytes() == process::own_pid().to_string().as_bytes() {
        Ok(())
    } else {
        Err(Unusable::Foreign)
    }
}

/// An open `/proc/PID` directory: it belongs to one process for ever. Once that has been reaped, nothing can be opened
/// in it, whoever has the number then.
#[derive(Debug)]
pub(super) struct ProcDir(OwnedFd);

impl ProcDir {
    /// # Errors
    /// `ENOENT`: no such process, or it is hidden (`hidepid`).
    pub(super) fn open(pid: Pid) -> Result<Self, Errno> {
        open(format!("/proc/{pid}").as_str(), DIRECTORY, Mode::empty()).map(Self)
    }

    /// The process that the directory belongs to.
    pub(super) fn place(&self) -> Place<'_> {
        Place { root: self.0.as_fd(), prefix: String::new(), pid: None }
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

/// Whoever has the number at each reading.
pub(super) fn by_pid(pid: Pid) -> Place<'static> {
    Place { root: AT_FDCWD, prefix: format!("/proc/{pid}/"), pid: Some(pid) }
}

/// Where a process is described. Each reading takes one file descriptor at a time and gives it back.
pub(super) struct Place<'a> {
    root: BorrowedFd<'a>,
    prefix: String,
    /// Where it is known by its number.
    pid: Option<Pid>,
}

impl Place<'_> {
    /// The facts, as they are now. `None`: the process has been reaped, or nobody has the number.
    pub(super) fn stat(&self) -> Result<Option<Stat>, Errno> {
        self.read_stat("stat")
    }

    /// The facts and the name.
    pub(super) fn named_stat(&self) -> Result<Option<(Stat, String)>, Errno> {
        self.read_line("stat", |line| Stat::parse(line).zip(Stat::name(line)))
    }

    /// What the thread of the process is at that is furthest from being stopped. The first one may be stopped, or have ended,
    /// while another runs.
    pub(super) fn run_state(&self) -> Result<RunState, Errno> {
        let mut most = RunState::Stopped;
        for thread in self.threads()? {
            let stat = self.read_stat(&format!("task/{thread}/stat"))?;
            most = most.max(stat.map_or(RunState::Stopped, Stat::run_state));
        }
        Ok(most)
    }

    /// Whether any thread of the process has not ended.
    pub(super) fn is_alive(&self) -> Result<bool, Errno> {
        match self.stat()? {
            None => Ok(false),
            Some(first) if !first.is_dead() => Ok(true),
            // A first thread that has ended stays as a zombie for as long as others run.
            Some(first) => Ok(first.num_threads > 1 && self.has_living_thread()?),
        }
    }

    /// Whether the process is known to run no program any more: `readlink` of its `exe` gives `ENOENT`. Who may not know
    /// is told `EACCES`.
    pub(super) fn has_no_program(&self) -> bool {
        readlinkat(self.root, self.path("exe").as_str()) == Err(Errno::ENOENT)
    }

    /// Whether it is there, for who looks.
    pub(super) fn is_shown(&self) -> bool {
        fstatat(self.root, self.prefix.as_str(), AtFlags::empty()).is_ok()
    }

    /// The children, which are listed by the thread that has started each, or was given it when its parent ended.
    ///
    /// # References
    /// `proc_tid_children(5)`: Linux 4.2, or 3.5 with `CONFIG_CHECKPOINT_RESTORE`. Where one of them is reaped meanwhile,
    /// others may be left out.
    ///
    /// # Errors
    /// `ESRCH`: a thread has ended meanwhile, and its children are another one's. `EACCES`, `EPERM`: they are not shown.
    pub(super) fn children(&self) -> Result<Vec<Pid>, Errno> {
        let mut children = Vec::new();
        for thread in self.threads()? {
            let list = unless_gone(spare_fd::with_spare(|| {
                read_all(self.root, &self.path(&format!("task/{thread}/children")))
            }))?;
            let list = list.ok_or(Errno::ESRCH)?;
            let numbers = list.split(u8::is_ascii_whitespace).filter_map(|number| {
                let number = std::str::from_utf8(number).ok()?.parse().ok()?;
                Pid::new(number).ok()
            });
            children.extend(numbers);
        }
        Ok(children)
    }

    /// The one thread of a process that has no other, without a look through the folder: this has a link for each.
    fn lone_thread(&self) -> Option<Pid> {
        let folder = fstatat(self.root, self.path("task").as_str(), AtFlags::empty()).ok()?;
        if folder.st_nlink == LINKS_OF_ONE { self.pid } else { None }
    }

    fn has_living_thread(&self) -> Result<bool, Errno> {
        for thread in self.threads()? {
            if self.read_stat(&format!("task/{thread}/stat"))?.is_some_and(|stat| !stat.is_dead()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Of a process that was reaped, none.
    fn threads(&self) -> Result<Vec<Pid>, Errno> {
        if let Some(thread) = self.lone_thread() {
            return Ok(vec![thread]);
        }
        let threads = unless_gone(spare_fd::with_spare(|| {
            numbers(Dir::openat(self.root, self.path("task").as_str(), DIRECTORY, Mode::empty())?)
        }))?;
        Ok(threads.unwrap_or_default())
    }

    fn read_stat(&self, name: &str) -> Result<Option<Stat>, Errno> {
        self.read_line(name, Stat::parse)
    }

    fn read_line<T>(&self, name: &str, parse: fn(&[u8]) -> Option<T>) -> Result<Option<T>, Errno> {
        unless_gone(spare_fd::with_spare(|| {
            // The line holds 52 numbers and a name of at most 64 bytes, and one read gives all of it.
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

/// Every process that is listed. Whether those of other users are depends on `hidepid`.
pub(super) fn list() -> Result<Vec<Pid>, Errno> {
    spare_fd::with_spare(|| numbers(Dir::open("/proc", DIRECTORY, Mode::empty())?))
}

/// Whether the kernel lists the children of each thread.
pub(super) fn lists_children() -> bool {
    let caller = process::own_pid();
    fstatat(AT_FDCWD, format!("/proc/{caller}/task/{caller}/children").as_str(), AtFlags::empty()).is_ok()
}

/// The number that was given away last in this PID namespace, to a process or a thread. `None`: it can't be read.
///
/// # References
/// `/proc/sys/kernel/ns_last_pid`, Linux 3.3, with `CONFIG_CHECKPOINT_RESTORE`: the cursor of the allocation, which goes
/// round. Who is given a number of somebody's choice (`set_tid` of `clone3(2)`, privileged) does not move it.
pub(crate) fn last_pid() -> Option<Pid> {
    let text = spare_fd::with_spare(|| read_all(AT_FDCWD, LAST_PID));
    std::str::from_utf8(&text.ok()?).ok()?.trim_end().parse().ok().and_then(|number| Pid::new(number).ok())
}

const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

/// Whether the `/proc` that is mounted hides processes from who may not look into them, or what is known of them: `hidepid`.
/// (`proc_pid_mountinfo(5)`: the mount point is the fifth field, and the options of the file system are the last.)
pub(super) fn hides_processes() -> bool {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return true };
    let mut of_proc = mounts.lines().filter(|line| line.split(' ').nth(4) == Some("/proc"));
    // The last one lies on top.
    of_proc.next_back().and_then(|line| line.rsplit(' ').next()).is_some_and(|options| {
        let hiding = [
            "hidepid=1",
            "hidepid=noaccess",
            "hidepid=2",
            "hidepid=invisible",
            "hidepid=4",
            "hidepid=ptraceable",
        ];
        options.split(',').any(|option| hiding.contains(&option))
    })
}

/// A file that may be of any length.
fn read_all(root: BorrowedFd<'_>, path: &str) -> Result<Vec<u8>, Errno> {
    let file = openat(root, path, FILE, Mode::empty())?;
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match read(&file, &mut part)? {
            0 => return Ok(all),
            length => all.extend_from_slice(&part[..length]),
        }
    }
}

/// The entries that are numbers.
fn numbers(mut folder: Dir) -> Result<Vec<Pid>, Errno> {
    let mut numbers = Vec::new();
    for entry in folder.iter() {
        let number = entry?.file_name().to_str().ok().and_then(|name| name.parse().ok());
        numbers.extend(number.and_then(|number| Pid::new(number).ok()));
    }
    Ok(numbers)
}

/// `ENOENT`: could not be opened any more. `ESRCH`: reaped between opening and reading.
fn unless_gone<T>(result: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Errno::ENOENT | Errno::ESRCH) => Ok(None),
        Err(errno) => Err(errno),
    }
}
