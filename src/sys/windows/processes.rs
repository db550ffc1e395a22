//! Who there is: everyone, by parent.

use std::{
    cell::OnceCell,
    collections::HashMap,
    mem,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    time::Duration,
};

use windows_sys::Win32::{
    Foundation::INVALID_HANDLE_VALUE,
    System::Diagnostics::ToolHelp::{
        CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
    },
};

use super::call::pid_of;
use crate::{pid::Pid, sys::Sight};

/// The processes of this machine, at one moment: a snapshot, taken when it is first needed.
#[derive(Default)]
pub(crate) struct Listing {
    snapshot: OnceCell<Option<Snapshot>>,
}

struct Snapshot {
    everyone: Vec<Pid>,
    /// By the number of the parent, which may be over, and another's by now.
    families: HashMap<Pid, Vec<Pid>>,
}

impl Listing {
    /// Windows lists everyone to everyone.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn sight(&self) -> Sight {
        Sight::All
    }

    /// Everyone. `None`: that could not be read.
    pub(crate) fn everyone(&self) -> Option<&[Pid]> {
        self.snapshot().map(|snapshot| snapshot.everyone.as_slice())
    }

    /// There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn look_at_groups(&self) {}

    /// There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn group(&self, _: Pid) -> Vec<Pid> {
        Vec::new()
    }

    /// There are no groups.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        false
    }

    /// There are no groups to look through.
    #[allow(clippy::unused_self)] // as on other systems
    pub(crate) fn took(&self) -> Duration {
        Duration::ZERO
    }

    /// Those that name the process as their parent: its children, and those of whoever had its number before. `None`: they
    /// could not be read.
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        self.snapshot().map(|snapshot| snapshot.families.get(&pid).cloned().unwrap_or_default())
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.get_or_init(Snapshot::take).as_ref()
    }
}

impl Snapshot {
    fn take() -> Option<Self> {
        // SAFETY: takes two numbers.
        let handle = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
        if handle == INVALID_HANDLE_VALUE {
            return None;
        }
        // SAFETY: a handle that was opened just now, and is nobody else's.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        let mut snapshot = Self { everyone: Vec::new(), families: HashMap::new() };
        let mut entry = PROCESSENTRY32W {
            dwSize: u32::try_from(mem::size_of::<PROCESSENTRY32W>()).ok()?,
            ..PROCESSENTRY32W::default()
        };
        // SAFETY: the handle is open; `entry` says how large it is, and is written to as far as that.
        let mut is_filled = unsafe { Process32FirstW(handle.as_raw_handle(), &raw mut entry) } != 0;
        if !is_filled {
            return None;
        }
        while is_filled {
            // 0 is no process, but what idles.
            if let Some(pid) = pid_of(entry.th32ProcessID) {
                snapshot.everyone.push(pid);
                if let Some(parent) = pid_of(entry.th32ParentProcessID) {
                    snapshot.families.entry(parent).or_default().push(pid);
                }
            }
            // SAFETY: as above.
            is_filled = unsafe { Process32NextW(handle.as_raw_handle(), &raw mut entry) } != 0;
        }
        Some(snapshot)
    }
}
