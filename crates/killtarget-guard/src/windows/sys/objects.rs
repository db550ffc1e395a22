//! Objects with names, and waiting.

use std::{
    ffi::CStr,
    os::windows::io::{AsRawHandle, OwnedHandle},
    ptr,
    sync::atomic::{AtomicU32, Ordering},
};

use windows_sys::Win32::{
    Foundation::{ERROR_ALREADY_EXISTS, HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0},
    System::{
        Memory::{CreateFileMappingW, FILE_MAP_WRITE, MapViewOfFile, PAGE_READWRITE},
        Threading::{CreateEventW, INFINITE, Sleep, WaitForMultipleObjects, WaitForSingleObject},
    },
};

use super::error::{Code, owned};

/// What can be waited for. Its owner outlives it.
#[derive(Clone, Copy)]
pub(in crate::windows) struct Waitable(HANDLE);

impl Waitable {
    pub(super) fn of(handle: &OwnedHandle) -> Self {
        Self(handle.as_raw_handle())
    }

    /// Returns whether it is signalled: a process has exited, an event is set.
    pub(super) fn is_signalled(self) -> bool {
        // SAFETY: the handle is open.
        unsafe { WaitForSingleObject(self.0, 0) == WAIT_OBJECT_0 }
    }
}

/// An event that stays set.
pub(in crate::windows) struct Event(OwnedHandle);

impl Event {
    /// Makes an event with a name. Only this user, and the system, may set it.
    ///
    /// # Errors
    /// Those of `CreateEventW`, and `ERROR_ALREADY_EXISTS`.
    pub(in crate::windows) fn make(name: &CStr) -> Result<Self, Code> {
        let name = wide(name);
        // SAFETY: the name ends with a null, and the handle is new.
        unsafe { new(CreateEventW(ptr::null(), 1, 0, name.as_ptr())) }.map(Self)
    }

    /// Makes an event without a name.
    pub(super) fn unnamed() -> Result<Self, Code> {
        // SAFETY: both pointers may be null, and the handle is new.
        unsafe { owned(CreateEventW(ptr::null(), 1, 0, ptr::null())) }.map(Self)
    }

    pub(super) fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    pub(in crate::windows) fn is_set(&self) -> bool {
        self.waitable().is_signalled()
    }

    pub(in crate::windows) fn waitable(&self) -> Waitable {
        Waitable::of(&self.0)
    }
}

/// Words that other processes of this user can read.
pub(in crate::windows) struct Shared {
    words: &'static [AtomicU32; WORDS],
    _mapping: OwnedHandle,
}

const WORDS: usize = 16;

impl Shared {
    /// Makes words that are zero, with a name.
    ///
    /// # Errors
    /// Those of the calls, and `ERROR_ALREADY_EXISTS`.
    pub(in crate::windows) fn make(name: &CStr) -> Result<Self, Code> {
        let name = wide(name);
        let size = size_of::<[AtomicU32; WORDS]>();
        // SAFETY: the name ends with a null, and the handle is new.
        let mapping = unsafe {
            let file = INVALID_HANDLE_VALUE;
            new(CreateFileMappingW(file, ptr::null(), PAGE_READWRITE, 0, size as u32, name.as_ptr()))
        }?;
        // SAFETY: the handle is open, and may be mapped for writing.
        let view = unsafe { MapViewOfFile(mapping.as_raw_handle(), FILE_MAP_WRITE, 0, 0, size) };
        if view.Value.is_null() {
            return Err(Code::last());
        }
        // SAFETY: the view has as many bytes, on a bound of pages, and is never unmapped.
        Ok(Self { words: unsafe { &*view.Value.cast() }, _mapping: mapping })
    }

    pub(in crate::windows) fn write(&self, at: usize, word: u32) {
        if let Some(place) = self.words.get(at) {
            place.store(word, Ordering::SeqCst);
        }
    }
}

/// Takes a handle that a call has made, unless the object was there before: another process may have any access to it then.
///
/// # Safety
/// As for [`owned`]. The call must be the last one.
unsafe fn new(handle: HANDLE) -> Result<OwnedHandle, Code> {
    let code = Code::last();
    // SAFETY: see above.
    let handle = unsafe { owned(handle) }?;
    if code == Code(ERROR_ALREADY_EXISTS) { Err(code) } else { Ok(handle) }
}

/// A text of ASCII.
fn wide(text: &CStr) -> Vec<u16> {
    text.to_bytes_with_nul().iter().copied().map(u16::from).collect()
}

/// Waits until one of them is signalled, for `timeout` milliseconds at most.
pub(in crate::windows) fn wait_any<const N: usize>(waited: [Option<Waitable>; N], timeout: Option<u32>) {
    let mut handles = [ptr::null_mut(); N];
    let mut count = 0;
    for (place, waitable) in handles.iter_mut().zip(waited.into_iter().flatten()) {
        *place = waitable.0;
        count += 1;
    }
    // SAFETY: the first `count` handles are open.
    unsafe { WaitForMultipleObjects(count, handles.as_ptr(), 0, timeout.unwrap_or(INFINITE)) };
}

pub(in crate::windows) fn pause(milliseconds: u32) {
    // SAFETY: the call has no precondition.
    unsafe { Sleep(milliseconds) };
}
