//! The command line of a process.

use std::{os::windows::io::OwnedHandle, ptr};

use windows_sys::{
    Wdk::System::Threading::{NtQueryInformationProcess, ProcessCommandLineInformation},
    Win32::{
        Foundation::{LocalFree, UNICODE_STRING},
        UI::Shell::CommandLineToArgvW,
    },
};

use super::api::{check_status, raw};
use crate::types::CommandLine;

/// `NtQueryInformationProcess(handle, ProcessCommandLineInformation, …)`
///
/// Returns the arguments of the process. Returns `None` if the call fails, or if the process has none.
///
/// # References
/// The call is since Windows 8.1. MSDN, `NtQueryInformationProcess`
pub(super) fn command_line(process: &OwnedHandle) -> Option<CommandLine> {
    let mut size = 0;
    // SAFETY: the handle is open. Nothing is written to an empty buffer.
    unsafe {
        NtQueryInformationProcess(
            raw(process),
            ProcessCommandLineInformation,
            ptr::null_mut(),
            0,
            &raw mut size,
        )
    };
    // It begins with a struct that has a pointer, so it is aligned for one.
    let mut buffer = vec![0_usize; (size as usize).div_ceil(size_of::<usize>())];
    // SAFETY: the handle is open. `buffer` holds `size` writable bytes, and the call writes no more than that.
    let status = unsafe {
        NtQueryInformationProcess(
            raw(process),
            ProcessCommandLineInformation,
            buffer.as_mut_ptr().cast(),
            size,
            &raw mut size,
        )
    };
    check_status(status).ok()?;
    let bytes: Vec<u8> = buffer.into_iter().flat_map(usize::to_ne_bytes).collect();
    let length = u16::from_ne_bytes(*bytes.first_chunk()?);
    let text = bytes.get(size_of::<UNICODE_STRING>()..)?.get(..usize::from(length))?;
    let text: Vec<_> = text.chunks_exact(2).map(|unit| u16::from_ne_bytes([unit[0], unit[1]])).collect();
    split(text)
}

/// `CommandLineToArgvW(text, &count)`
///
/// Splits a command line as programs do. For an empty one, the call would return the program of this process.
///
/// # References
/// MSDN, `CommandLineToArgvW`
fn split(mut text: Vec<u16>) -> Option<CommandLine> {
    if text.is_empty() || text.contains(&0) {
        return None;
    }
    text.push(0);
    let mut count = 0;
    // SAFETY: the text ends with a zero, and the pointer is to a writable i32.
    let list = unsafe { CommandLineToArgvW(text.as_ptr(), &raw mut count) };
    if list.is_null() {
        return None;
    }
    let arguments = (0..usize::try_from(count).unwrap_or(0)).map(|index| {
        let mut units = Vec::new();
        // SAFETY: the list has `count` texts, each of which ends with a zero. They live until `LocalFree`.
        let unit = |offset| unsafe { *(*list.add(index)).add(offset) };
        units.extend((0..).map(unit).take_while(|unit| *unit != 0));
        String::from_utf16_lossy(&units)
    });
    let arguments: Vec<_> = arguments.collect();
    // SAFETY: the call above has allocated the list, and nothing refers to it any more.
    unsafe { LocalFree(list.cast()) };
    Some(CommandLine::new(arguments.join("\0")))
}
