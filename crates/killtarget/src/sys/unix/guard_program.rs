//! The program for contained launch, which lies beside this library.

use std::{
    ffi::{CStr, OsStr},
    mem::MaybeUninit,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use nix::sys::stat::stat;

const PROGRAM: &str = "killtarget-guard";

/// Returns the path of the program, or `None` if there is none beside this library.
pub(crate) fn guard_program() -> Option<PathBuf> {
    path().filter(|path| stat(path.as_path()).is_ok()).cloned()
}

fn path() -> Option<&'static PathBuf> {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    PATH.get_or_init(|| Some(library()?.parent()?.join(PROGRAM))).as_ref()
}

/// A file, by its device and its inode.
pub(crate) type FileId = (libc::dev_t, libc::ino_t);

/// Identifies the file of the program.
pub(crate) fn program_id() -> Option<FileId> {
    file_id(path()?)
}

/// Identifies a file. Returns `None` if there is none at the path.
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    let file = stat(path).ok()?;
    Some((file.st_dev, file.st_ino))
}

/// `dladdr(library)`
///
/// Returns the absolute path of the file that this code was loaded from.
///
/// # References
/// `dladdr(3)`
pub(crate) fn library() -> Option<PathBuf> {
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
