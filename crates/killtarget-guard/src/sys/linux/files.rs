//! Files of `/proc`.

use std::{
    ffi::CStr,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
};

use crate::sys::error::{Errno, owned};

/// Opens a file to read.
///
/// # References
/// open(2)
pub(crate) fn open(path: &CStr) -> Result<OwnedFd, Errno> {
    open_with(path, libc::O_RDONLY)
}

/// Opens a directory to list.
pub(crate) fn open_directory(path: &CStr) -> Result<OwnedFd, Errno> {
    open_with(path, libc::O_RDONLY | libc::O_DIRECTORY)
}

fn open_with(path: &CStr, flags: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: the path ends with NUL. The call makes a descriptor.
    unsafe { owned(libc::open(path.as_ptr(), flags | libc::O_CLOEXEC).into()) }
}

/// Reads from an offset. Returns what was read: nothing at the end.
///
/// # References
/// pread(2)
pub(crate) fn read_at<'a>(file: BorrowedFd, buffer: &'a mut [u8], offset: u64) -> Result<&'a [u8], Errno> {
    let offset = libc::off_t::try_from(offset).map_err(|_| Errno(libc::EOVERFLOW))?;
    // SAFETY: the buffer is as long as the call is told.
    let count = unsafe { libc::pread(file.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), offset) };
    let count = usize::try_from(count).map_err(|_| Errno::last())?;
    Ok(buffer.get(..count).unwrap_or_default())
}

/// Reads the start of a small file.
pub(crate) fn read_start<'a>(path: &CStr, buffer: &'a mut [u8]) -> Result<&'a [u8], Errno> {
    use std::os::fd::AsFd;
    read_at(open(path)?.as_fd(), buffer, 0)
}

/// Returns whether two paths lead to one file.
///
/// # References
/// stat(2)
pub(crate) fn is_same_file(one: &CStr, other: &CStr) -> bool {
    let id = |path| nix::sys::stat::stat(path).map(|found| (found.st_dev, found.st_ino));
    id(one).is_ok_and(|found| id(other) == Ok(found))
}

/// Reads where a symbolic link leads to.
///
/// # References
/// readlink(2)
pub(crate) fn read_link<'a>(path: &CStr, buffer: &'a mut [u8]) -> Result<&'a [u8], Errno> {
    // SAFETY: the buffer is as long as the call is told.
    let count = unsafe { libc::readlink(path.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()) };
    let count = usize::try_from(count).map_err(|_| Errno::last())?;
    Ok(buffer.get(..count).unwrap_or_default())
}

/// Writes to a file of `/proc`, in one call.
pub(crate) fn write_file(path: &CStr, text: &[u8]) -> Result<(), Errno> {
    let file = open_with(path, libc::O_WRONLY)?;
    // SAFETY: the text is as long as the call is told.
    let count = unsafe { libc::write(file.as_raw_fd(), text.as_ptr().cast(), text.len()) };
    if count < 0 { Err(Errno::last()) } else { Ok(()) }
}

/// Lists a directory, without the allocation that `opendir` makes.
pub(crate) struct Directory<'a> {
    file: OwnedFd,
    buffer: &'a mut [u8],
    begin: usize,
    end: usize,
}

/// Where the length of an entry is, and where its name begins. See `struct linux_dirent64`.
const LENGTH_AT: usize = 16;
const NAME_AT: usize = 19;

impl<'a> Directory<'a> {
    pub(crate) fn new(file: OwnedFd, buffer: &'a mut [u8]) -> Self {
        Self { file, buffer, begin: 0, end: 0 }
    }

    /// Returns the next entry whose name is a number, or `None` at the end.
    ///
    /// # References
    /// getdents64(2)
    pub(crate) fn next_number(&mut self) -> Option<i32> {
        loop {
            if self.begin >= self.end {
                let (start, length) = (self.buffer.as_mut_ptr(), self.buffer.len());
                // SAFETY: the buffer is as long as the call is told.
                let count =
                    unsafe { libc::syscall(libc::SYS_getdents64, self.file.as_raw_fd(), start, length) };
                self.end = usize::try_from(count).ok().filter(|count| *count > 0)?;
                self.begin = 0;
            }
            let entry = self.buffer.get(self.begin..self.end)?;
            let length = entry.get(LENGTH_AT..LENGTH_AT + 2)?;
            let name = entry.get(NAME_AT..)?;
            self.begin += usize::from(u16::from_ne_bytes(length.try_into().ok()?)).max(1);
            let name = name.split(|byte| *byte == 0).next()?;
            if let Some(number) = crate::arguments::number(name).and_then(|number| i32::try_from(number).ok())
            {
                return Some(number);
            }
        }
    }
}
