//! The program for contained launch, which lies beside this library.

use std::{
    ffi::{CStr, OsStr},
    mem::MaybeUninit,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use nix::sys::stat::{FileStat, stat};

const PROGRAM: &str = "killtarget-guard";

/// Returns the path of the program, or `None` if there is none beside this library.
pub(crate) fn guard_program() -> Option<PathBuf> {
    // This notes the file.
    path().filter(|path| file_id(path).is_some_and(is_guard_program)).cloned()
}

fn path() -> Option<&'static PathBuf> {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    PATH.get_or_init(|| Some(library()?.parent()?.join(PROGRAM))).as_ref()
}

/// A file: its device, its inode, and when its content was last changed, as the inode may become that of another file.
pub(crate) type FileId = (libc::dev_t, libc::ino_t, libc::time_t);

/// Returns whether a file is the program, or was it before an update of the package.
pub(crate) fn is_guard_program(file: FileId) -> bool {
    /// The last files that were seen at the path of the program, the newest first.
    static PROGRAMS: Mutex<[Option<FileId>; 8]> = Mutex::new([None; 8]);
    let now = path().and_then(|path| file_id(path));
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    if !programs.contains(&now) {
        programs.rotate_right(1);
        programs[0] = now;
    }
    programs.contains(&Some(file))
}

/// Identifies a file. Returns `None` if there is none at the path.
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    stat(path).ok().as_ref().map(id_of)
}

pub(crate) fn id_of(file: &FileStat) -> FileId {
    (file.st_dev, file.st_ino, file.st_mtime)
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
