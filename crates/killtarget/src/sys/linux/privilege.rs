//! What the calling thread may see of the processes of other users.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    sync::OnceLock,
};

use nix::{
    errno::Errno,
    fcntl::{AtFlags, OFlag, openat},
    sys::stat::{Mode, fstatat},
};

use super::{
    proc_root::{self, FILE, PATH},
    spare_fd,
};

const CAP_SYS_PTRACE: u32 = 19;

/// `_LINUX_CAPABILITY_VERSION_3`: each set has two words.
const VERSION: u32 = 0x2008_0522;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Default, Clone, Copy)]
struct Word {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Reads early what needs several file descriptors.
pub(super) fn prepare() {
    let _ = owns_pid_namespace();
}

/// Returns whether `hidepid` certainly hides no process of this PID namespace from the calling thread.
///
/// `CAP_SYS_PTRACE` counts for the processes of its user namespace and those below. Root in a user namespace that does not
/// own the PID namespace sees its own processes only.
///
/// # References
/// `user_namespaces(7)`; `proc(5)`, `hidepid`; `has_pid_permissions` in the kernel.
pub(super) fn sees_hidden_processes() -> bool {
    has_ptrace_capability() && owns_pid_namespace()
}

/// Returns whether the user namespace of this process, or one below it, owns the PID namespace. A process with several
/// threads cannot change either.
fn owns_pid_namespace() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return *known;
    }
    let Ok(root) = proc_root::root() else { return false };
    let namespaces = root.open_at(root.as_fd(), "self/ns", PATH | OFlag::O_DIRECTORY);
    let owns = namespaces.and_then(|namespaces| is_owner(namespaces.as_fd()));
    owns.is_ok_and(|owns| *KNOWN.get_or_init(|| owns))
}

fn is_owner(namespaces: BorrowedFd<'_>) -> Result<bool, Errno> {
    let pid_namespace = openat(namespaces, "pid", FILE | OFlag::O_NONBLOCK, Mode::empty())?;
    match owner_of(pid_namespace.as_fd()) {
        Ok(_) => Ok(true),
        Err(Errno::EPERM) => Ok(false),
        Err(errno) if spare_fd::is_temporary(errno) => Err(errno),
        // Linux 4.8 and earlier. The user namespace that was first owns all others.
        Err(_) => Ok(fstatat(namespaces, "user", AtFlags::empty())?.st_ino == INITIAL_USER_NAMESPACE),
    }
}

/// `PROC_USER_INIT_INO` in the kernel.
const INITIAL_USER_NAMESPACE: libc::ino_t = 0xEFFF_FFFD;

/// `ioctl(namespace, NS_GET_USERNS)`
///
/// Opens the user namespace that owns another namespace.
///
/// # Errors
/// `EPERM`: it is neither the user namespace of the caller nor one below it.
///
/// # References
/// `ioctl_nsfs(2)`, Linux 4.9.
fn owner_of(namespace: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    const NS_GET_USERNS: libc::Ioctl = 0xb701;
    // SAFETY: the borrowed descriptor is open, and the request takes no argument.
    let fd = Errno::result(unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_USERNS) })?;
    // SAFETY: the kernel has just created the descriptor, and no other code owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// `capget(&header, words)`
///
/// Returns whether the calling thread has `CAP_SYS_PTRACE`, as root does by default.
///
/// # References
/// `capget(2)`; `capabilities(7)`, `CAP_SYS_PTRACE`.
fn has_ptrace_capability() -> bool {
    let mut header = Header { version: VERSION, pid: 0 };
    let mut words = [Word::default(); 2];
    // SAFETY: both pointers are valid for the call. For this version, the kernel writes two words, the length of
    // `words`.
    let result = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, words.as_mut_ptr()) };
    result == 0 && words[0].effective & (1 << CAP_SYS_PTRACE) != 0
}
