//! The pids and other numbers in a directory of `/proc`.
//!
//! `fdopendir(3)` leaves the descriptor to its caller if it fails, and the `Dir` of `nix` does not close it then. So
//! this reads the directory itself, which also saves the calls for positions and flags.

use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;

use crate::types::Pid;

/// Enough for some 300 pids in one call.
const BUFFER_SIZE: usize = 8192;

/// The kernel aligns its records to 8 bytes.
#[repr(align(8))]
struct Buffer([u8; BUFFER_SIZE]);

/// The lengths of the fields before the name: `d_ino`, `d_off`, `d_reclen`, `d_type`.
const LENGTH_OFFSET: usize = 16;
const NAME_OFFSET: usize = 19;

/// Lists the entries that are pids.
pub(super) fn pids_in(directory: impl AsFd) -> Result<Vec<Pid>, Errno> {
    Ok(numbers_in(directory)?.into_iter().filter_map(|number| Pid::new(number).ok()).collect())
}

/// Lists the entries that are numbers.
pub(super) fn numbers_in(directory: impl AsFd) -> Result<Vec<i32>, Errno> {
    let (mut numbers, mut buffer) = (Vec::new(), Buffer([0; BUFFER_SIZE]));
    loop {
        match getdents64(&directory, &mut buffer)? {
            0 => return Ok(numbers),
            length => numbers.extend(names(&buffer.0[..length]).filter_map(number)),
        }
    }
}

/// Returns the names in the records of `struct linux_dirent64`.
fn names(mut records: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = records.get(LENGTH_OFFSET..)?.first_chunk()?;
        let (record, rest) = records.split_at_checked(usize::from(u16::from_ne_bytes(*length)))?;
        records = rest;
        record.get(NAME_OFFSET..)?.split(|byte| *byte == 0).next()
    })
}

fn number(name: &[u8]) -> Option<i32> {
    std::str::from_utf8(name).ok()?.parse().ok()
}

/// `getdents64(directory, buffer, sizeof(buffer))`
///
/// Reads the next records. Returns how many bytes they have: 0 at the end.
///
/// # Errors
/// `ENOENT`: the directory is that of a process that was reaped.
///
/// # References
/// `getdents64(2)`
fn getdents64(directory: impl AsFd, buffer: &mut Buffer) -> Result<usize, Errno> {
    // SAFETY: the borrowed descriptor is open. The kernel writes to the buffer only, which has that size and outlives
    // the call. Integers are passed as the `long` that syscall(2) reads.
    let length = Errno::result(unsafe {
        libc::syscall(
            libc::SYS_getdents64,
            libc::c_long::from(directory.as_fd().as_raw_fd()),
            buffer.0.as_mut_ptr(),
            BUFFER_SIZE,
        )
    })?;
    usize::try_from(length).map_err(|_| Errno::EIO)
}

#[cfg(test)]
mod tests {
    use std::{fs::File, sync::Barrier, thread};

    use super::*;

    #[test]
    fn a_directory_lists_every_thread() {
        const THREADS: usize = 400;
        let (ready, done) = (Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
        thread::scope(|scope| {
            let mut threads = vec![nix::unistd::gettid().as_raw()];
            let (sender, receiver) = std::sync::mpsc::channel();
            for _ in 0..THREADS {
                let (ready, done, sender) = (&ready, &done, sender.clone());
                scope.spawn(move || {
                    sender.send(nix::unistd::gettid().as_raw()).unwrap();
                    ready.wait();
                    done.wait();
                });
            }
            ready.wait();
            threads.extend(receiver.iter().take(THREADS));
            let listed = pids_in(File::open("/proc/self/task").unwrap()).unwrap();
            done.wait();
            for thread in threads {
                assert!(listed.contains(&Pid::from_raw(thread).unwrap()), "{thread}");
            }
        });
    }

    #[test]
    fn other_names_are_left_out() {
        let listed = pids_in(File::open("/proc").unwrap()).unwrap();
        assert!(listed.contains(&Pid::INIT));
        assert_eq!(pids_in(File::open("/proc/self/net").unwrap()), Ok(Vec::new()));
    }

    #[test]
    fn a_file_is_no_directory() {
        assert_eq!(pids_in(File::open("/proc/self/stat").unwrap()), Err(Errno::ENOTDIR));
    }

    #[test]
    fn a_record_that_is_cut_off_ends_the_list() {
        let mut record = [0; 24];
        record[LENGTH_OFFSET..][..2].copy_from_slice(&24_u16.to_ne_bytes());
        record[NAME_OFFSET..][..2].copy_from_slice(b"42");
        assert_eq!(names(&record).collect::<Vec<_>>(), [b"42"]);
        for length in 0..record.len() {
            assert_eq!(names(&record[..length]).count(), 0, "{length}");
        }
        record[LENGTH_OFFSET] = 0;
        assert_eq!(names(&record).count(), 0);
    }
}
