//! Whether the pid of a reaped process is still in use by its group or session.
//!
//! The kernel keeps a `struct pid` in its tables while a process, group or session has the number. A pidfd refers to
//! that struct, and its file handle can be opened only while the struct is in the tables. If the handle can be opened,
//! the number was never free, so the group and the session with that number are those of the process.
//!
//! # References
//! `fs/pidfs.c`, Linux 6.14: `pidfs_export_operations`, and `pidfs_remove_pid`, which `free_pid` calls.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::{errno::Errno, sys::stat::fstat};

/// `MAX_HANDLE_SZ`
const MAX_BYTES: usize = 128;

/// `struct file_handle`
#[repr(C)]
struct FileHandle {
    bytes: libc::c_uint,
    kind: libc::c_int,
    content: [u8; MAX_BYTES],
}

/// Returns whether a process, group or session still has the number that the process of the pidfd was given.
///
/// # Errors
/// `EOPNOTSUPP` before Linux 6.14. `ENOSYS` or `EPERM`: a container profile refuses the call. `EMFILE`, `ENFILE`: no file
/// descriptor is left.
pub(super) fn is_number_in_use(pidfd: BorrowedFd<'_>) -> Result<bool, Errno> {
    is_open(pidfd, &name_to_handle_at(pidfd)?)
}

/// Returns the same for a process of which only the inode is known. The pidfd is that of any process.
///
/// # Errors
/// As for [`is_number_in_use`]. `EOPNOTSUPP`, too, where the handle of a pidfd is not its inode.
pub(super) fn is_inode_in_use(pidfd: BorrowedFd<'_>, inode: u64) -> Result<bool, Errno> {
    let mut handle = name_to_handle_at(pidfd)?;
    let own = fstat(pidfd)?.st_ino.to_ne_bytes();
    if handle.bytes as usize != own.len() || !handle.content.starts_with(&own) {
        return Err(Errno::EOPNOTSUPP);
    }
    handle.content[..own.len()].copy_from_slice(&inode.to_ne_bytes());
    is_open(pidfd, &handle)
}

fn is_open(pidfd: BorrowedFd<'_>, handle: &FileHandle) -> Result<bool, Errno> {
    match open_by_handle_at(pidfd, handle) {
        Ok(_) => Ok(true),
        Err(Errno::ESTALE) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// `name_to_handle_at(fd, "", &handle, &mount, AT_EMPTY_PATH)`
fn name_to_handle_at(fd: BorrowedFd<'_>) -> Result<FileHandle, Errno> {
    let bytes = u32::try_from(MAX_BYTES).map_err(|_| Errno::EOVERFLOW)?;
    let mut handle = FileHandle { bytes, kind: 0, content: [0; MAX_BYTES] };
    let mut mount: libc::c_int = 0;
    // SAFETY: the borrowed descriptor is open, and the string and both pointers are valid for the call. The kernel
    // writes at most `bytes` bytes of content. Integers are passed as the `long` that syscall(2) reads.
    Errno::result(unsafe {
        libc::syscall(
            libc::SYS_name_to_handle_at,
            libc::c_long::from(fd.as_raw_fd()),
            c"".as_ptr(),
            &raw mut handle,
            &raw mut mount,
            libc::c_long::from(libc::AT_EMPTY_PATH),
        )
    })?;
    Ok(handle)
}

/// `open_by_handle_at(fd, &handle, O_CLOEXEC)`
///
/// # Errors
/// `ESTALE`: the file is gone.
fn open_by_handle_at(mount: BorrowedFd<'_>, handle: &FileHandle) -> Result<OwnedFd, Errno> {
    // SAFETY: the borrowed descriptor is open, and the pointer is valid for the call, which only reads it. Integers are
    // passed as the `long` that syscall(2) reads.
    let fd = Errno::result(unsafe {
        libc::syscall(
            libc::SYS_open_by_handle_at,
            libc::c_long::from(mount.as_raw_fd()),
            &raw const *handle,
            libc::c_long::from(libc::O_CLOEXEC),
        )
    })?;
    let fd = i32::try_from(fd).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just created the descriptor, and no other code owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader},
        os::{fd::AsFd, unix::process::CommandExt},
        process::{Command, Stdio},
    };

    use super::*;
    use crate::{
        sys::linux::{pidfd::Pidfd, probe},
        types::Pid,
    };

    fn pid_of(number: u32) -> Pid {
        Pid::try_from(f64::from(number)).unwrap()
    }

    /// Starts a group leader that writes the pid of a child in the same group, and exits. Returns the leader's pidfd.
    fn reaped_leader(keeps_member: bool) -> (Pidfd, Option<Pid>) {
        let script = if keeps_member { "sleep 60 & echo $!" } else { "echo 0" };
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let mut leader = command.spawn().unwrap();
        let pidfd = Pidfd::open(pid_of(leader.id())).unwrap().unwrap();
        let mut line = String::new();
        BufReader::new(leader.stdout.take().unwrap()).read_line(&mut line).unwrap();
        leader.wait().unwrap();
        (pidfd, line.trim().parse().ok().and_then(|pid| Pid::new(pid).ok()))
    }

    /// Linux 7 says no of a leader that was reaped.
    fn tells_of_reaped_leaders() -> bool {
        probe::file_handle().is_ok()
            && std::env::var_os("KILLTARGET_TEST_KERNEL").is_none_or(|kernel| kernel != "7")
    }

    #[test]
    fn the_number_of_a_reaped_leader_is_in_use_while_its_group_has_members() {
        if !tells_of_reaped_leaders() {
            return;
        }
        let (pidfd, member) = reaped_leader(true);
        let member = Pidfd::open(member.unwrap()).unwrap().unwrap();
        assert_eq!(is_number_in_use(pidfd.as_fd()), Ok(true));
        member.send_signal(crate::types::Signal::KILL).unwrap();
    }

    #[test]
    fn the_number_of_a_reaped_leader_is_in_use_by_its_inode() {
        if !tells_of_reaped_leaders() {
            return;
        }
        let own = Pidfd::open(pid_of(std::process::id())).unwrap().unwrap();
        let (pidfd, member) = reaped_leader(true);
        let inode = pidfd.inode().unwrap();
        drop(pidfd);
        let member = Pidfd::open(member.unwrap()).unwrap().unwrap();
        assert_eq!(is_inode_in_use(own.as_fd(), inode), Ok(true));
        member.send_signal(crate::types::Signal::KILL).unwrap();
        let (pidfd, _) = reaped_leader(false);
        assert_eq!(is_inode_in_use(own.as_fd(), pidfd.inode().unwrap()), Ok(false));
    }

    #[test]
    fn the_number_of_a_reaped_process_without_a_group_is_free() {
        if probe::file_handle().is_err() {
            return;
        }
        let (pidfd, _) = reaped_leader(false);
        assert_eq!(is_number_in_use(pidfd.as_fd()), Ok(false));
    }
}
