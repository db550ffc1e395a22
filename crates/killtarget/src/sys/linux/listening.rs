//! The processes that listen on a port.
//!
//! The kernel lists sockets by their inodes, and descriptors by the inodes that they have. A socket has several processes if it
//! was inherited, as the workers of a server have it.
//!
//! A process that has forked to run another program has all sockets of its parent until that program closes them. It is no
//! server. A worker looks the same, but stays like that.

use std::{ffi::OsStr, time::Duration};

use nix::{errno::Errno, fcntl::readlinkat};

use super::{
    clock,
    directory::numbers_in,
    proc_root::DIRECTORY,
    procfs::{self, ProcEntry},
    spare_fd,
};
use crate::{
    sys::unix::errno,
    types::{Error, Pid},
};

/// The tables of sockets, and the state of those that get what others send: `TCP_LISTEN`, and for UDP `TCP_CLOSE`, which an
/// unconnected socket is in.
const TABLES: [(&str, &str); 4] =
    [("self/net/tcp", "0A"), ("self/net/tcp6", "0A"), ("self/net/udp", "07"), ("self/net/udp6", "07")];

/// How long a process may take from `fork` to `execve` on a busy machine.
const EXEC_TIMEOUT: Duration = Duration::from_secs(5);

const READ_TABLE: &str = "open(/proc/net/tcp)";
const READ_DESCRIPTORS: &str = "open(/proc/PID/fd)";

/// Returns the pids of the processes that have a socket that listens on the port.
///
/// # Errors
/// [`Error::Os`]: `EPERM` if one has a process that this one may not look at; `ENOSYS` if `/proc` cannot be used.
/// [`Error::ListenerHidden`]: one has no process that `/proc` shows.
pub(crate) fn listening_pids(port: u16) -> Result<Vec<Pid>, Error> {
    let sockets = sockets(port)?;
    if sockets.is_empty() {
        return Ok(Vec::new());
    }
    let (mut owners, mut found, mut is_refused) = (Vec::new(), Vec::new(), false);
    for pid in procfs::list().map_err(unusable)? {
        match open_sockets(pid, &sockets) {
            Ok(owned) if owned.is_empty() => {}
            Ok(owned) => {
                owners.push(Owner { pid, forked_by: forked_by(pid) });
                found.extend(owned);
            }
            Err(Errno::EACCES | Errno::EPERM) => is_refused = true,
            Err(error) => return Err(errno::of(READ_DESCRIPTORS)(error)),
        }
    }
    let pids = servers(&owners);
    let mut missed = sockets;
    missed.retain(|socket| !found.contains(socket));
    if missed.is_empty() {
        return Ok(pids);
    }
    // One that was closed meanwhile is no longer listed.
    let listed = self::sockets(port)?;
    match missed.iter().any(|socket| listed.contains(socket)) {
        false => Ok(pids),
        true if is_refused => Err(errno::of(READ_DESCRIPTORS)(Errno::EPERM)),
        true => Err(Error::ListenerHidden(port)),
    }
}

/// A process that has a socket.
struct Owner {
    pid: Pid,
    /// Its parent, if it may be about to run another program.
    forked_by: Option<Pid>,
}

/// Returns the parent of a process that was forked a moment ago, and has called no `execve` since.
fn forked_by(pid: Pid) -> Option<Pid> {
    let stat = procfs::by_pid(pid).ok()?.stat().ok()??;
    let is_new = clock::age(stat.starttime).is_some_and(|age| age < EXEC_TIMEOUT);
    Pid::new(stat.ppid).ok().filter(|_| stat.is_fork() && is_new)
}

/// Leaves out the processes that may be about to run another program, as long as their parents have the socket.
fn servers(owners: &[Owner]) -> Vec<Pid> {
    let has_it = |pid: Pid| owners.iter().any(|owner| owner.pid == pid);
    let is_server = |owner: &&Owner| !owner.forked_by.is_some_and(has_it);
    owners.iter().filter(is_server).map(|owner| owner.pid).collect()
}

/// Returns the inodes of the sockets that listen on the port.
fn sockets(port: u16) -> Result<Vec<u64>, Error> {
    let mut sockets = Vec::new();
    for (table, state) in TABLES {
        match procfs::read_of_system(table) {
            Ok(table) => sockets.extend(inodes(&String::from_utf8_lossy(&table), port, state)),
            Err(Errno::ENOENT) => {} // without IPv6
            Err(error) => return Err(unusable(error)),
        }
    }
    Ok(sockets)
}

fn unusable(error: Errno) -> Error {
    errno::of(READ_TABLE)(if error == Errno::ENXIO { Errno::ENOSYS } else { error })
}

/// Returns the inodes in a table: the fields are the number of the line, the local and the remote address with their ports, the
/// state, five more, and the inode. That is 0 once no descriptor is left.
fn inodes(table: &str, port: u16, state: &str) -> Vec<u64> {
    let sockets = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (_, local_port) = fields.nth(1)?.rsplit_once(':')?;
        let is_meant = u16::from_str_radix(local_port, 16) == Ok(port) && fields.nth(1)? == state;
        fields.nth(5)?.parse().ok().filter(|inode| is_meant && *inode != 0)
    });
    sockets.collect()
}

/// Returns those of the sockets that the process has open. A process that has exited has none.
fn open_sockets(pid: Pid, sockets: &[u64]) -> Result<Vec<u64>, Errno> {
    let entry = procfs::by_pid(pid)?;
    let owned = sockets_in(&entry, "fd")?;
    // The first thread has none once it has exited. The others have theirs.
    let owned = if owned.is_empty() { sockets_of_threads(&entry)? } else { owned };
    Ok(owned.into_iter().filter(|socket| sockets.contains(socket)).collect())
}

fn sockets_of_threads(entry: &ProcEntry<'_>) -> Result<Vec<u64>, Errno> {
    let mut owned = Vec::new();
    for thread in entry.threads()?.unwrap_or_default().iter().skip(1) {
        owned.extend(sockets_in(entry, &format!("task/{thread}/fd"))?);
    }
    Ok(owned)
}

/// Returns the sockets in a directory of descriptors. A process or thread that was reaped has none.
///
/// # Errors
/// `EACCES`: the caller may not trace the process. For some processes only the links are refused, and not the directory.
fn sockets_in(entry: &ProcEntry<'_>, directory: &str) -> Result<Vec<u64>, Errno> {
    let sockets = spare_fd::with_spare(|| {
        let (directory, mut sockets) = (entry.open(directory, DIRECTORY)?, Vec::new());
        for number in numbers_in(&directory)? {
            match readlinkat(&directory, number.to_string().as_str()) {
                Ok(link) => sockets.extend(socket(&link)),
                Err(Errno::ENOENT) => {} // closed meanwhile
                Err(errno) => return Err(errno),
            }
        }
        Ok(sockets)
    });
    procfs::unless_gone(sockets).map(Option::unwrap_or_default)
}

/// Returns the inode of a socket from what the link of its descriptor names.
fn socket(link: &OsStr) -> Option<u64> {
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0100007F:0BB8 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 30 10 -1
   2: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 0 1 0 100 0 0 10 0
   3: 0100007F:00BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0 0 10 0
   4: 0100007F:C001 0100007F:0BB8 0A 00000000:00000000 00:00000000 00000000     0        0 14 1 0 20 4 30 10 -1
   5: 0100007F:0BB8";

    #[test]
    fn the_sockets_of_a_port_are_those_that_listen() {
        assert_eq!(inodes(TABLE, 3000, "0A"), [11]);
        assert_eq!(inodes(TABLE, 0xBB, "0A"), [13]);
        assert_eq!(inodes(TABLE, 0xB, "0A"), [0; 0]);
        assert_eq!(inodes("", 3000, "0A"), [0; 0]);
    }

    #[test]
    fn a_link_names_a_socket() {
        assert_eq!(socket("socket:[42]".as_ref()), Some(42));
        for link in ["socket:[]", "socket:[-1]", "pipe:[42]", "/tmp/socket:[42]", "socket:[42"] {
            assert_eq!(socket(link.as_ref()), None, "{link}");
        }
    }
}
