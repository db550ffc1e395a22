//! What a guard shows to other processes, and how it is asked. The names and the layout stand in the guard, too (`board.rs`).

use std::{
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering},
};

use windows_sys::Win32::{
    Foundation::ERROR_ACCESS_DENIED,
    System::{
        Memory::{
            FILE_MAP_READ, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile, OpenFileMappingW, UnmapViewOfFile,
        },
        Threading::{EVENT_MODIFY_STATE, OpenEventW, SetEvent},
    },
};

use super::errno;
use crate::{sys::types::StartTime, types::Pid};

/// The first word, once all of the guard's processes have exited. The second word is the pid of the command.
const OVER: u32 = 0x006b_7402;

const WORDS: usize = 2;

/// The words that a guard shows.
#[derive(Debug)]
pub(super) struct Board(NonNull<[AtomicU32; WORDS]>);

// SAFETY: the words are atomic, and no thread owns the view.
unsafe impl Send for Board {}
// SAFETY: see above.
unsafe impl Sync for Board {}

impl Board {
    /// Opens what the guard with this pid and creation time shows. Returns `None` if that fails.
    pub(super) fn open(pid: Pid, created: StartTime) -> Option<Self> {
        let name = name(pid, created, "state");
        // SAFETY: the name ends with a null, and a handle that is not null is new.
        let mapping = unsafe {
            let handle = OpenFileMappingW(FILE_MAP_READ, 0, name.as_ptr());
            (!handle.is_null()).then(|| OwnedHandle::from_raw_handle(handle))?
        };
        // SAFETY: the handle is open, and may be mapped for reading.
        let view =
            unsafe { MapViewOfFile(mapping.as_raw_handle(), FILE_MAP_READ, 0, 0, size_of::<[u32; WORDS]>()) };
        NonNull::new(view.Value.cast()).map(Self)
    }

    pub(super) fn is_over(&self) -> bool {
        self.words()[0].load(Ordering::SeqCst) == OVER
    }

    /// Returns the pid of the command, once it was started.
    pub(super) fn command(&self) -> Option<Pid> {
        Pid::from_raw(self.words()[1].load(Ordering::SeqCst))
    }

    fn words(&self) -> &[AtomicU32; WORDS] {
        // SAFETY: the view is mapped for as long as this value lives. It is read only.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // SAFETY: nothing refers to the view any more.
        unsafe { UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: self.0.as_ptr().cast() }) };
    }
}

/// What became of a request.
pub(super) enum Asked {
    Done,
    NotPermitted,
    /// There is no such guard in this session, or it is starting.
    NotThere,
}

/// Asks the guard with this pid and creation time to end all.
pub(super) fn ask(pid: Pid, created: StartTime) -> Asked {
    let name = name(pid, created, "kill");
    // SAFETY: the name ends with a null.
    let handle = unsafe { OpenEventW(EVENT_MODIFY_STATE, 0, name.as_ptr()) };
    if handle.is_null() {
        return if errno::last() == ERROR_ACCESS_DENIED { Asked::NotPermitted } else { Asked::NotThere };
    }
    // SAFETY: the handle is new.
    let event = unsafe { OwnedHandle::from_raw_handle(handle) };
    // SAFETY: the handle is open, and may be used for that.
    if unsafe { SetEvent(event.as_raw_handle()) } == 0 { Asked::NotThere } else { Asked::Done }
}

fn name(pid: Pid, created: StartTime, what: &str) -> Vec<u16> {
    let (high, low) = (created >> 32, created & u64::from(u32::MAX));
    let name = format!("Local\\killtarget-guard-{}-{high}-{low}-{what}\0", pid.as_raw());
    name.encode_utf16().collect()
}
