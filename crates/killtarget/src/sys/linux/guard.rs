//! The program for contained launch, which lies beside this library, and its processes.

use std::{
    ffi::{CStr, OsStr},
    mem::MaybeUninit,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use nix::{errno::Errno, sys::stat::stat};

use super::{handle::Handle, namespace_pids, procfs::ProcEntry, queued_signal};
use crate::{
    sys::{types::GuardOptions, unix::errno},
    types::{Containment, Delivery, Error, Pid},
};

const PROGRAM: &str = "killtarget-guard";

/// The name of the command's process before it is the command. Until then its program is the guard.
const STARTING: &str = "kt-start";

/// The name of the keeper. The pid of the command follows it, as the keeper sees it.
const KEEPER: &str = "kt-keep";

/// The signal that carries a request, and the value that asks for SIGKILL to all.
const REQUEST: i32 = 63;
const KILL_ALL: i32 = 0x006b_7402;

/// The value that lets a command begin that waits for it.
const BEGIN: i32 = KILL_ALL | 4;

/// Returns the path of the program, or `None` if there is none beside this library.
pub(crate) fn guard_program() -> Option<PathBuf> {
    path().filter(|path| stat(path.as_path()).is_ok()).cloned()
}

fn path() -> Option<&'static PathBuf> {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    PATH.get_or_init(|| Some(library()?.parent()?.join(PROGRAM))).as_ref()
}

/// The device and the inode of a file.
pub(super) type FileId = (u64, u64);

fn program_id() -> Option<FileId> {
    let file = stat(path()?).ok()?;
    Some((file.st_dev, file.st_ino))
}

impl Handle {
    /// Returns whether the process is a guard, or another process of one. It is told by its program, which no other process
    /// can imitate.
    pub(crate) fn is_guard(&self) -> bool {
        let runs_guard = || {
            let program = program_id();
            program.is_some() && self.read_proc(|entry| Ok(entry.program())).ok().flatten() == program
        };
        // In that order: between two reads the command's process may become the command.
        runs_guard() && self.name().is_some_and(|name| name != STARTING) && runs_guard()
    }

    /// Returns the options that a guard was given.
    pub(crate) fn guard_options(&self) -> Option<GuardOptions> {
        let line = self.read_proc(|entry| entry.read_file("cmdline")).ok()??;
        let mut options = GuardOptions { containment: Containment::Reaper, keeps: false };
        for argument in
            line.split(|byte| *byte == 0).skip(1).take_while(|argument| argument.starts_with(b"-"))
        {
            match argument {
                b"--" => break,
                b"--isolation=pid-namespace" => options.containment = Containment::Kernel,
                b"--isolation=reaper" => options.containment = Containment::Reaper,
                b"--leftovers=keep" => options.keeps = true,
                _ if argument.starts_with(b"--leftovers=") => options.keeps = false,
                _ => {}
            }
        }
        Some(options)
    }

    /// Returns whether the process of a guard is its keeper, which has started the command.
    pub(crate) fn is_keeper(&self) -> bool {
        self.name().is_some_and(|name| name.starts_with(KEEPER))
    }

    /// Returns the pid of the command, in the keeper's PID namespace, or `None` once the keeper has reaped the command.
    pub(crate) fn kept_command(&self) -> Option<Pid> {
        self.name()?.strip_prefix(KEEPER)?.strip_prefix(' ')?.parse().ok().and_then(|pid| Pid::new(pid).ok())
    }

    /// Returns the pid of the process in its own PID namespace.
    pub(crate) fn innermost_pid(&self) -> Option<Pid> {
        let status = self.read_proc(|entry| entry.read_file("status")).ok()??;
        namespace_pids::innermost(&status)
    }

    /// Asks a guard to kill all that it has started. It exits after that.
    ///
    /// # Errors
    /// [`Error::Os`]: `EAGAIN` if too many signals are queued.
    pub(crate) fn request_kill(&self) -> Result<Delivery, Error> {
        self.request(KILL_ALL)
    }

    /// Lets the command of a keeper begin.
    ///
    /// # Errors
    /// As for [`Handle::request_kill`].
    pub(crate) fn request_begin(&self) -> Result<Delivery, Error> {
        self.request(BEGIN)
    }

    /// `pidfd_send_signal(process, REQUEST, value)`
    ///
    /// # References
    /// `rt_sigqueueinfo(2)`
    fn request(&self, value: i32) -> Result<Delivery, Error> {
        let (sent, syscall) = match self.signal_fd() {
            Some(fd) => (queued_signal::send(fd, REQUEST, value), "pidfd_send_signal"),
            None if self.is_unreaped()? => {
                (queued_signal::send_by_pid(self.pid(), REQUEST, value), "rt_sigqueueinfo")
            }
            None => return Ok(Delivery::Gone),
        };
        match sent {
            Ok(()) => Ok(Delivery::Delivered),
            Err(Errno::ESRCH) => Ok(Delivery::Gone),
            Err(errno) => Err(errno::of(syscall)(errno)),
        }
    }

    fn name(&self) -> Option<String> {
        Some(self.read_proc(ProcEntry::named_stat).ok()??.1)
    }
}

/// `dladdr(library)`
///
/// Returns the absolute path of the file that this code was loaded from.
///
/// # References
/// `dladdr(3)`
fn library() -> Option<PathBuf> {
    static ANYTHING: u8 = 0;
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: the call takes any address, and fills `info` unless it returns 0.
    let name = unsafe {
        if libc::dladdr((&raw const ANYTHING).cast(), info.as_mut_ptr()) == 0 {
            return None;
        }
        info.assume_init().dli_fname
    };
    if name.is_null() {
        return None;
    }
    // SAFETY: the name ends with a zero byte. It lives as long as the library, and so as this code.
    let name = unsafe { CStr::from_ptr(name) };
    std::path::absolute(Path::new(OsStr::from_bytes(name.to_bytes()))).ok()
}
