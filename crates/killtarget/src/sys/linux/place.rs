//! Where a pid and a start time mean one process: the boot of the machine, and the namespaces of pids and of time.

use std::{
    os::fd::AsFd,
    sync::{Mutex, PoisonError},
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    sys::stat::{Mode, SFlag, fstat, stat},
    unistd::read,
};

use super::{procfs, spare_fd};
use crate::{
    sys::{types::StartTime, unix::process},
    types::{Pid, Place},
};

/// A container may have a file of its own in this place: it is another one after a restart of the container.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

const PID_NAMESPACE: &str = "/proc/self/ns/pid";

/// Since Linux 5.6.
const TIME_NAMESPACE: &str = "/proc/self/ns/time";

/// Returns where the pids of this process are valid. Returns `None` if that cannot be read. It is read once: a fork may be in
/// another PID namespace.
pub(crate) fn place() -> Option<Place> {
    static KNOWN: Mutex<Option<(Pid, Place)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let caller = process::own_pid();
    match *known {
        Some((pid, place)) if pid == caller => Some(place),
        _ => Some(known.insert((caller, read_place()?)).1),
    }
}

/// # References
/// `random(4)`: `boot_id`. `namespaces(7)`: two processes are in one namespace if the inodes are the same.
/// `time_namespaces(7)`: start times in `/proc` are those of the reader's namespace.
fn read_place() -> Option<Place> {
    let boot = spare_fd::with_spare(read_boot_id).ok()?;
    Some(Place { boot, namespace: inode_of(PID_NAMESPACE)?, clock: inode_of(TIME_NAMESPACE)? })
}

/// Returns 0 for a kernel without such namespaces.
fn inode_of(namespace: &str) -> Option<u64> {
    match stat(namespace) {
        Ok(stat) => Some(stat.st_ino),
        Err(errno) => (errno == Errno::ENOENT).then_some(0),
    }
}

/// Returns when the first process of the PID namespace was started. Returns `None` if that cannot be read.
///
/// The kernel gives the inode of a namespace to a later one, as after a restart of a container.
pub(crate) fn namespace_started() -> Option<StartTime> {
    Some(procfs::by_pid(Pid::INIT).ok()?.stat().ok()??.starttime)
}

/// Reads the file. What else may be in its place must not block.
fn read_boot_id() -> Result<[u64; 2], Errno> {
    let file = open(BOOT_ID, OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK, Mode::empty())?;
    let kind = SFlag::from_bits_truncate(fstat(&file)?.st_mode) & SFlag::S_IFMT;
    if kind != SFlag::S_IFREG {
        return Err(Errno::EINVAL);
    }
    let mut buffer = [0; 64];
    let length = read(file.as_fd(), &mut buffer)?;
    let id = str::from_utf8(&buffer[..length]).ok().and_then(Place::boot_of);
    id.ok_or(Errno::EINVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_that_of_the_machine_and_of_the_namespace() {
        let place = place().unwrap();
        let boot = std::fs::read_to_string(BOOT_ID).unwrap();
        let [high, low] = place.boot;
        assert_eq!(format!("{high:016x}{low:016x}"), boot.trim().replace('-', ""));
        let link = std::fs::read_link(PID_NAMESPACE).unwrap();
        assert_eq!(link.to_str(), Some(format!("pid:[{}]", place.namespace).as_str()));
    }
}
