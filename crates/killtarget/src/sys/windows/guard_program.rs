//! The program for contained launch, which lies beside this library.

use std::{
    ffi::OsString,
    os::windows::{
        ffi::{OsStrExt, OsStringExt},
        io::{AsRawHandle, FromRawHandle, OwnedHandle},
    },
    path::{Path, PathBuf},
    ptr,
    sync::OnceLock,
};

use windows_sys::Win32::{
    Foundation::{HMODULE, INVALID_HANDLE_VALUE},
    Storage::FileSystem::{
        BY_HANDLE_FILE_INFORMATION, CreateFileW, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
        GetFileInformationByHandle, OPEN_EXISTING,
    },
    System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
        GetModuleFileNameW, GetModuleHandleExW,
    },
};

use super::api;

const PROGRAM: &str = "killtarget-guard.exe";

/// The size of a path buffer in UTF-16 units: the longest path and the null after it.
const MAX_PATH_UNITS: usize = 1 << 15;

/// The volume of a file, and the file in it.
type FileId = (u32, u32, u32);

/// Returns the path of the program, or `None` if there is none beside this library.
pub(crate) fn guard_program() -> Option<PathBuf> {
    path().filter(|path| path.is_file()).cloned()
}

/// Returns whether a process runs the program.
pub(super) fn is_guard_program(process: &OwnedHandle) -> bool {
    let is_guard = || {
        let image = PathBuf::from(api::image_path(process)?);
        // Nearly all processes have another name, and need no look at a file.
        image.file_name().filter(|name| name.eq_ignore_ascii_case(PROGRAM))?;
        Some(file_id(&image)? == file_id(path()?)?)
    };
    is_guard().unwrap_or(false)
}

fn path() -> Option<&'static PathBuf> {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    PATH.get_or_init(|| Some(library()?.parent()?.join(PROGRAM))).as_ref()
}

/// `GetFileInformationByHandle(CreateFileW(path), …)`
///
/// # References
/// MSDN, `BY_HANDLE_FILE_INFORMATION`
fn file_id(path: &Path) -> Option<FileId> {
    let name: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: the name ends with a null, and the pointers may be null. Without access rights, only facts can be read.
    let handle =
        unsafe { CreateFileW(name.as_ptr(), 0, share, ptr::null(), OPEN_EXISTING, 0, ptr::null_mut()) };
    if handle == INVALID_HANDLE_VALUE {
        return None;
    }
    // SAFETY: the handle is new.
    let file = unsafe { OwnedHandle::from_raw_handle(handle) };
    let mut facts = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the pointer is to a writable value.
    let result = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut facts) };
    (result != 0).then_some((facts.dwVolumeSerialNumber, facts.nFileIndexHigh, facts.nFileIndexLow))
}

/// `GetModuleFileNameW(GetModuleHandleExW(library))`
///
/// Returns the path of the file that this code was loaded from.
///
/// # References
/// MSDN, `GetModuleHandleExW`
pub(crate) fn library() -> Option<PathBuf> {
    static ANYTHING: u8 = 0;
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    let mut module: HMODULE = ptr::null_mut();
    let mut path = vec![0_u16; MAX_PATH_UNITS];
    // SAFETY: the call takes any address. `module` is writable, and `path` has as many units as the call is told.
    let length = unsafe {
        if GetModuleHandleExW(flags, (&raw const ANYTHING).cast(), &raw mut module) == 0 {
            return None;
        }
        GetModuleFileNameW(module, path.as_mut_ptr(), u32::try_from(path.len()).unwrap_or(0))
    };
    let path = path.get(..length as usize).filter(|path| !path.is_empty())?;
    Some(PathBuf::from(OsString::from_wide(path)))
}
