//! What this program was started with, and the files that it may start.

use std::{ptr, slice};

use windows_sys::Win32::{
    Storage::FileSystem::{FILE_ATTRIBUTE_DIRECTORY, GetFileAttributesW, INVALID_FILE_ATTRIBUTES},
    System::Environment::{GetCommandLineW, GetEnvironmentVariableW},
};

/// The path of a program, with a null at its end.
pub(in crate::windows) struct Program(Vec<u16>);

impl Program {
    pub(in crate::windows) fn new(path: Vec<u16>) -> Self {
        Self(terminated(path))
    }

    pub(super) const fn as_ptr(&self) -> *const u16 {
        self.0.as_ptr()
    }
}

pub(in crate::windows) fn command_line() -> Vec<u16> {
    // SAFETY: the text ends with a null, and nothing changes it.
    unsafe {
        let line = GetCommandLineW();
        let mut length = 0;
        while *line.add(length) != 0 {
            length += 1;
        }
        slice::from_raw_parts(line, length).to_vec()
    }
}

/// Returns a variable of the environment. It is empty if there is none.
pub(in crate::windows) fn variable(name: &str) -> Vec<u16> {
    let name = terminated(name.encode_utf16().collect());
    // SAFETY: the name ends with a null. Without a buffer, the call returns the size that one needs.
    let size = unsafe { GetEnvironmentVariableW(name.as_ptr(), ptr::null_mut(), 0) };
    let mut value = vec![0; size as usize];
    // SAFETY: the name ends with a null, and `value` has room for `size` units.
    let length = unsafe { GetEnvironmentVariableW(name.as_ptr(), value.as_mut_ptr(), size) };
    value.truncate(length as usize);
    value
}

/// Returns whether a path leads to something other than a folder.
pub(in crate::windows) fn is_file(path: &[u16]) -> bool {
    let path = terminated(path.to_vec());
    // SAFETY: the path ends with a null.
    let attributes = unsafe { GetFileAttributesW(path.as_ptr()) };
    attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY == 0
}

pub(super) fn terminated(mut text: Vec<u16>) -> Vec<u16> {
    text.push(0);
    text
}
