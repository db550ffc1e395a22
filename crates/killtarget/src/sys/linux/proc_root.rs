//! The root of `/proc`, verified: it is procfs, it belongs to this PID namespace, and no other mount covers what is read.
//!
//! The verified directory stays open. Mounts that cover `/proc` later do not change it, so later reads need no check of
//! their own.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    sync::{PoisonError, RwLock},
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, open, openat},
    sys::{
        stat::{Mode, fstat},
        statfs::{PROC_SUPER_MAGIC, fstatfs},
    },
    unistd::read,
};

use super::{
    namespace_pids,
    openat2::{has_openat2, openat2},
    spare_fd,
    stat::Stat,
};
use crate::{sys::unix::process, types::Pid};

pub(super) const FILE: OFlag = OFlag::O_RDONLY.union(OFlag::O_CLOEXEC);
pub(super) const DIRECTORY: OFlag = FILE.union(OFlag::O_DIRECTORY);
/// Reads nothing, so it needs no permission to read.
pub(super) const PATH: OFlag = OFlag::O_PATH.union(OFlag::O_CLOEXEC);

/// Why the pids in `/proc` cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is not procfs, or nothing is there.
    Absent,
    /// It belongs to another PID namespace. Its pids are those of other processes.
    Foreign,
    /// It cannot be verified, as its files cannot be read.
    Refused(Errno),
}

impl Unusable {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Absent => "/proc is not available",
            Self::Foreign => "/proc belongs to another PID namespace",
            Self::Refused(errno) if spare_fd::is_temporary(errno) => {
                "no file descriptor is left to read /proc"
            }
            Self::Refused(_) => "/proc cannot be read",
        }
    }
}

impl From<Unusable> for Errno {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Absent | Unusable::Foreign => Self::ENXIO,
            Unusable::Refused(errno) => errno,
        }
    }
}

/// The verified root of `/proc`.
#[derive(Debug)]
pub(super) struct ProcRoot {
    dir: OwnedFd,
    device: libc::dev_t,
    /// The id of the mount. `None` before Linux 3.15.
    mount: Option<u64>,
    /// Whether `openat2(2)` can refuse paths that cross a mount. Linux 5.6.
    has_openat2: bool,
    /// The process that verified it. A fork may be in another PID namespace.
    caller: Pid,
}

static ROOT: RwLock<Option<&'static ProcRoot>> = RwLock::new(None);

/// Opens and verifies the root early, while there are file descriptors.
pub(super) fn prepare() {
    let _ = root();
}

/// Returns the verified root of `/proc`. A failure is not kept, as the mounts can change.
pub(super) fn root() -> Result<&'static ProcRoot, Unusable> {
    let known = *ROOT.read().unwrap_or_else(PoisonError::into_inner);
    match known {
        Some(root) if root.caller == process::own_pid() => Ok(root),
        _ => {
            let opened = ProcRoot::open()?;
            let mut known = ROOT.write().unwrap_or_else(PoisonError::into_inner);
            match *known {
                // Another thread has opened it.
                Some(root) if root.caller == opened.caller => Ok(root),
                // Entries borrow it until the process exits, so it is never freed.
                _ => Ok(known.insert(Box::leak(Box::new(opened)))),
            }
        }
    }
}

impl ProcRoot {
    /// Opens `/proc` and verifies it.
    ///
    /// 1. Check that it is procfs. A tmpfs or a plain directory can have files with the same names.
    /// 2. Open `self/status` on the same mount. It is about this process, whatever its pid is there.
    /// 3. Check the pids in it. The `/proc` of an outer PID namespace lists one for each namespace down to that of the
    ///    process, also if they are equal.
    fn open() -> Result<Self, Unusable> {
        let dir = open("/proc", PATH | OFlag::O_DIRECTORY, Mode::empty()).map_err(or_absent)?;
        let file_system = fstatfs(&dir).map_err(or_absent)?.filesystem_type();
        if file_system != PROC_SUPER_MAGIC {
            return Err(Unusable::Absent);
        }
        let device = fstat(&dir).map_err(Unusable::Refused)?.st_dev;
        let has_openat2 = has_openat2(dir.as_fd()).map_err(Unusable::Refused)?;
        let mut root = Self { dir, device, mount: None, has_openat2, caller: process::own_pid() };
        root.mount = root.mount_of(root.dir.as_fd()).map_err(Unusable::Refused)?;
        if root.is_of_own_namespace()? { Ok(root) } else { Err(Unusable::Foreign) }
    }

    fn is_of_own_namespace(&self) -> Result<bool, Unusable> {
        let read = |path| match spare_fd::with_spare(|| self.read(path)) {
            Ok(content) => Ok(content),
            Err(Errno::ENOENT) => Err(Unusable::Foreign), // this process has no pid there
            Err(errno) => Err(Unusable::Refused(errno)),
        };
        if let Some(is_own) = namespace_pids::is_own(&read("self/status")?) {
            return Ok(is_own);
        }
        Ok(Stat::parse(&read("self/stat")?).is_some_and(|stat| namespace_pids::has_same_pids(&stat)))
    }

    /// Opens a file or directory, relative to a directory of this mount. Nothing on the path may be another mount.
    ///
    /// # Errors
    /// `EXDEV`: another mount covers a part of the path.
    pub(super) fn open_at(&self, dir: BorrowedFd<'_>, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
        let file = self.open_on_device(dir, path, flags)?;
        // The same file system can be mounted twice, as by `mount --bind /proc/1 /proc/2`.
        if !self.has_openat2 && self.mount_of(file.as_fd())? != self.mount {
            return Err(Errno::EXDEV);
        }
        Ok(file)
    }

    /// Opens as [`ProcRoot::open_at`] does. Without `openat2(2)` it detects another file system only, and needs one
    /// file descriptor. The caller verifies by the content that the right process is read.
    pub(super) fn open_on_device(
        &self,
        dir: BorrowedFd<'_>,
        path: &str,
        flags: OFlag,
    ) -> Result<OwnedFd, Errno> {
        if self.has_openat2 { openat2(dir, path, flags) } else { self.open_by_device(dir, path, flags) }
    }

    fn open_by_device(&self, dir: BorrowedFd<'_>, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
        // Another mount can have a FIFO or a terminal at the path.
        let file = openat(dir, path, flags | OFlag::O_NONBLOCK | OFlag::O_NOCTTY, Mode::empty())?;
        if fstat(&file)?.st_dev == self.device { Ok(file) } else { Err(Errno::EXDEV) }
    }

    /// Reads a file of any length, relative to a directory of this mount.
    pub(super) fn read_at(&self, dir: BorrowedFd<'_>, path: &str) -> Result<Vec<u8>, Errno> {
        self.read_start_at(dir, path, usize::MAX)
    }

    /// Reads at most that many bytes of a file, relative to a directory of this mount.
    pub(super) fn read_start_at(
        &self,
        dir: BorrowedFd<'_>,
        path: &str,
        length: usize,
    ) -> Result<Vec<u8>, Errno> {
        read_start(&self.open_at(dir, path, FILE)?, length)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Errno> {
        self.read_at(self.as_fd(), path)
    }

    /// Reads a file that is about the system and not about a process.
    ///
    /// Container runtimes mount `/proc/sys` over itself, to make it read-only. So another mount of the same file system
    /// is accepted here.
    pub(super) fn read_of_system(&self, path: &str) -> Result<Vec<u8>, Errno> {
        let file = match self.open_on_device(self.as_fd(), path, FILE) {
            Err(Errno::EXDEV) => self.open_by_device(self.as_fd(), path, FILE)?,
            file => file?,
        };
        read_to_end(&file)
    }

    /// Returns whether the mount has a `hidepid` option, which hides processes or the facts about them.
    ///
    /// # References
    /// `proc(5)`: `hidepid`. `proc_pid_mountinfo(5)`: the mount id is the first field, the mount point the fifth, and the
    /// file system's options are the last.
    pub(super) fn hides_processes(&self) -> bool {
        // Mount ids are unique, so a line with this id is about this mount, in any file.
        let read = || read_to_end(&self.open_on_device(self.as_fd(), "self/mountinfo", FILE)?);
        let Ok(mounts) = spare_fd::with_spare(read) else { return true };
        let mounts = String::from_utf8_lossy(&mounts);
        let id = self.mount.map(|id| id.to_string());
        let mut found = mounts.lines().filter(|line| {
            let mut fields = line.split(' ');
            match &id {
                Some(id) => fields.next() == Some(id),
                None => fields.nth(4) == Some("/proc"),
            }
        });
        // A mount that is not listed cannot be judged.
        found.next_back().is_none_or(has_hiding_option)
    }

    /// Returns the id of the mount that the descriptor was opened on. Returns `None` if the kernel does not report it.
    ///
    /// # References
    /// `proc_pid_fdinfo(5)`: `mnt_id`, Linux 3.15.
    fn mount_of(&self, file: BorrowedFd<'_>) -> Result<Option<u64>, Errno> {
        let path = format!("self/fdinfo/{}", file.as_raw_fd());
        let facts = read_to_end(&self.open_on_device(self.as_fd(), &path, FILE)?)?;
        let facts = String::from_utf8_lossy(&facts);
        Ok(facts.lines().find_map(|line| line.strip_prefix("mnt_id:")?.trim().parse().ok()))
    }
}

impl AsFd for ProcRoot {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }
}

fn or_absent(errno: Errno) -> Unusable {
    match errno {
        Errno::ENOENT | Errno::ENOTDIR => Unusable::Absent,
        errno => Unusable::Refused(errno),
    }
}

fn has_hiding_option(mount: &str) -> bool {
    let hiding_options = [
        "hidepid=1",
        "hidepid=noaccess",
        "hidepid=2",
        "hidepid=invisible",
        "hidepid=4",
        "hidepid=ptraceable",
    ];
    let options = mount.rsplit(' ').next().unwrap_or_default();
    options.split(',').any(|option| hiding_options.contains(&option))
}

fn read_to_end(file: &OwnedFd) -> Result<Vec<u8>, Errno> {
    read_start(file, usize::MAX)
}

fn read_start(file: &OwnedFd, max_length: usize) -> Result<Vec<u8>, Errno> {
    let (mut content, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let missing = part.len().min(max_length - content.len());
        match read(file, &mut part[..missing])? {
            0 => return Ok(content),
            length => content.extend_from_slice(&part[..length]),
        }
    }
}
