//! The job, which holds the processes of the command.

use std::{
    os::windows::io::{AsRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::Win32::{
    Foundation::HANDLE,
    System::JobObjects::{
        CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
        JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
        JobObjectBasicAccountingInformation, JobObjectExtendedLimitInformation, QueryInformationJobObject,
        SetInformationJobObject, TerminateJobObject,
    },
};

use super::error::{Code, check, owned};

/// The exit code of a process that the guard ends. libuv uses the same.
const ENDED: u32 = 1;

/// A job whose processes the kernel ends once this is the last handle and is closed. Without a flag for it, none can leave.
pub(in crate::windows) struct Job(OwnedHandle);

impl Job {
    /// Makes a job without a name. Its handle is not inherited.
    ///
    /// # Errors
    /// Those of the calls.
    ///
    /// # References
    /// MSDN, Job Objects; `JOBOBJECT_BASIC_LIMIT_INFORMATION`
    pub(in crate::windows) fn new() -> Result<Self, Code> {
        // SAFETY: both pointers may be null, and the handle is new.
        let job = Self(unsafe { owned(CreateJobObjectW(ptr::null(), ptr::null())) }?);
        job.limit(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)?;
        Ok(job)
    }

    /// Lets the processes run on after the job is closed.
    pub(in crate::windows) fn let_go(&self) {
        let _ = self.limit(0);
    }

    fn limit(&self, flags: u32) -> Result<(), Code> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = flags;
        let size = size_of_val(&limits) as u32;
        // SAFETY: the handle is open, and `limits` has `size` bytes.
        check(unsafe {
            SetInformationJobObject(
                self.raw(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size,
            )
        })
    }

    /// Ends all its processes. They exit some time later. Returns whether that is possible.
    pub(in crate::windows) fn terminate_all(&self) -> bool {
        // SAFETY: the handle is open.
        unsafe { TerminateJobObject(self.raw(), ENDED) != 0 }
    }

    /// Returns whether none of its processes is left. Returns false if that cannot be told.
    pub(in crate::windows) fn is_empty(&self) -> bool {
        let mut facts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        let size = size_of_val(&facts) as u32;
        // SAFETY: the handle is open, `facts` has `size` writable bytes, and the last pointer may be null.
        let result = unsafe {
            QueryInformationJobObject(
                self.raw(),
                JobObjectBasicAccountingInformation,
                (&raw mut facts).cast(),
                size,
                ptr::null_mut(),
            )
        };
        result != 0 && facts.ActiveProcesses == 0
    }

    /// Returns whether a process is in it.
    pub(super) fn holds(&self, process: HANDLE) -> bool {
        let mut is_in = 0;
        // SAFETY: both handles are open, and the pointer is to a writable i32.
        unsafe { IsProcessInJob(process, self.raw(), &raw mut is_in) != 0 && is_in != 0 }
    }

    pub(super) fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }
}
