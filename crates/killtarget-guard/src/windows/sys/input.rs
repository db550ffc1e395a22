//! The end of standard input.

use std::ptr;

use windows_sys::Win32::{
    Foundation::{ERROR_BROKEN_PIPE, ERROR_PIPE_NOT_CONNECTED, HANDLE},
    Storage::FileSystem::{FILE_TYPE_PIPE, GetFileSizeEx, GetFileType},
    System::{
        Console::{GetStdHandle, STD_INPUT_HANDLE},
        Pipes::PeekNamedPipe,
        Threading::{CreateThread, SetEvent},
    },
};

use super::{
    error::{Code, owned},
    objects::{Event, pause},
};

/// The interval between two looks, in milliseconds. Nothing on Windows waits for the end of a pipe without reading from it.
const INTERVAL: u32 = 100;

/// Returns whether standard input is a file without content.
pub(in crate::windows) fn is_input_empty() -> bool {
    let mut size = 0;
    // SAFETY: the call takes any handle, and the pointer is to a writable value.
    let result = unsafe { GetFileSizeEx(GetStdHandle(STD_INPUT_HANDLE), &raw mut size) };
    result != 0 && size == 0
}

/// Returns an event that is set once the other end of standard input is closed, or `None` if it is no pipe.
///
/// A look waits while the command reads: one call at a time is made on a pipe. So a thread looks.
pub(in crate::windows) fn watch_input() -> Option<Event> {
    // SAFETY: the calls take any handle.
    let is_pipe = unsafe { GetFileType(GetStdHandle(STD_INPUT_HANDLE)) } == FILE_TYPE_PIPE;
    let event = Event::unnamed().ok().filter(|_| is_pipe)?;
    let parameter = event.raw();
    // SAFETY: the event is open for as long as the process lives: the guard keeps it.
    let thread = unsafe { owned(CreateThread(ptr::null(), 0, Some(look), parameter, 0, ptr::null_mut())) };
    thread.is_ok().then_some(event)
}

unsafe extern "system" fn look(event: HANDLE) -> u32 {
    while !has_ended() {
        pause(INTERVAL);
    }
    // SAFETY: see above.
    unsafe { SetEvent(event) };
    0
}

fn has_ended() -> bool {
    let (buffer, count) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: no buffer is passed, and each other pointer may be null.
    let result = unsafe { PeekNamedPipe(GetStdHandle(STD_INPUT_HANDLE), buffer, 0, count, count, count) };
    result == 0 && matches!(Code::last(), Code(ERROR_BROKEN_PIPE | ERROR_PIPE_NOT_CONNECTED))
}
