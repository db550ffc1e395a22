//! The start of the command.

use std::{collections::TryReserveError, os::windows::io::AsRawHandle, ptr, slice};

use windows_sys::Win32::{
    Foundation::{
        CloseHandle, ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_SUPPORTED, HANDLE, HANDLE_FLAG_INHERIT,
        INVALID_HANDLE_VALUE, SetHandleInformation,
    },
    System::{
        Console::{GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE},
        Environment::SetCurrentDirectoryW,
        SystemInformation::GetSystemDirectoryW,
        Threading::{
            CREATE_SUSPENDED, CreateProcessW, DETACHED_PROCESS, DeleteProcThreadAttributeList,
            EXTENDED_STARTUPINFO_PRESENT, GetStartupInfoW, InitializeProcThreadAttributeList,
            LPPROC_THREAD_ATTRIBUTE_LIST, PROC_THREAD_ATTRIBUTE_JOB_LIST, PROCESS_INFORMATION, ResumeThread,
            STARTF_USESHOWWINDOW, STARTF_USESTDHANDLES, STARTUPINFOEXW, STARTUPINFOW, TerminateProcess,
            UpdateProcThreadAttribute,
        },
    },
};

use super::{
    error::{Code, check, owned},
    job::Job,
    process::Process,
    program::{Program, terminated},
};
use crate::windows::inherited;

/// How to start the command.
pub(in crate::windows) struct Start<'a> {
    pub(in crate::windows) program: &'a Program,
    pub(in crate::windows) line: Vec<u16>,
    /// Whether the command shares the console of the guard. Otherwise it has none.
    pub(in crate::windows) has_console: bool,
    /// Whether the guard keeps standard input.
    pub(in crate::windows) keeps_input: bool,
}

/// The command.
pub(in crate::windows) struct Started {
    pub(in crate::windows) process: Process,
    pub(in crate::windows) pid: u32,
}

impl Start<'_> {
    /// Starts the command inside the job, with all that this process was given for it. Lets go of that then.
    ///
    /// # Errors
    /// Those of the calls. Nothing runs then.
    ///
    /// # References
    /// MSDN, `CreateProcessW`; `UpdateProcThreadAttribute`, `PROC_THREAD_ATTRIBUTE_JOB_LIST` (since Windows 10)
    pub(in crate::windows) fn run(self, job: &Job) -> Result<Started, Code> {
        let given = given();
        let standard = standard_handles();
        let mut attributes = Attributes::with_job(job)?;
        let mut info = STARTUPINFOEXW { lpAttributeList: attributes.raw(), ..Default::default() };
        info.StartupInfo = STARTUPINFOW {
            cb: size_of::<STARTUPINFOEXW>() as u32,
            dwFlags: given.dwFlags & STARTF_USESHOWWINDOW | STARTF_USESTDHANDLES,
            wShowWindow: given.wShowWindow,
            cbReserved2: given.cbReserved2,
            lpReserved2: given.lpReserved2,
            hStdInput: standard[0],
            hStdOutput: standard[1],
            hStdError: standard[2],
            ..Default::default()
        };
        let console = if self.has_console { 0 } else { DETACHED_PROCESS };
        let flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_SUSPENDED | console;
        let mut line = terminated(self.line);
        let mut made = PROCESS_INFORMATION::default();
        // SAFETY: the texts end with a null, and `line` is writable. The other pointers may be null, or are to values that live.
        check(unsafe {
            let (null, info) = (ptr::null(), (&raw const info).cast());
            let (program, line) = (self.program.as_ptr(), line.as_mut_ptr());
            CreateProcessW(program, line, null, null, 1, flags, null.cast(), ptr::null(), info, &raw mut made)
        })?;
        // SAFETY: both handles are new.
        let (process, thread) = unsafe { (owned(made.hProcess)?, owned(made.hThread)?) };
        // A system that does not know the attribute would start it outside.
        if !job.holds(process.as_raw_handle()) {
            // SAFETY: the handle is open.
            unsafe { TerminateProcess(process.as_raw_handle(), 1) };
            return Err(Code(ERROR_NOT_SUPPORTED));
        }
        // SAFETY: the handle is open.
        unsafe { ResumeThread(thread.as_raw_handle()) };
        let_go_of(&given, standard, self.keeps_input);
        Ok(Started { process: Process(process), pid: made.dwProcessId })
    }
}

/// What the process that has started this one has passed.
fn given() -> STARTUPINFOW {
    let mut given = STARTUPINFOW::default();
    // SAFETY: the pointer is to a writable value.
    unsafe { GetStartupInfoW(&raw mut given) };
    given
}

/// Returns standard input, output and error, which the command inherits.
fn standard_handles() -> [HANDLE; 3] {
    [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].map(|which| {
        // SAFETY: the calls take any handle.
        unsafe {
            let handle = GetStdHandle(which);
            SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
            handle
        }
    })
}

/// Closes what the command has inherited, as pipes end only once every copy is closed. Leaves the working directory, which could
/// not be removed otherwise.
fn let_go_of(given: &STARTUPINFOW, standard: [HANDLE; 3], keeps_input: bool) {
    let block = if given.lpReserved2.is_null() {
        &[]
    } else {
        // SAFETY: the block has as many bytes, and lives as long as the process.
        unsafe { slice::from_raw_parts(given.lpReserved2.cast_const(), given.cbReserved2.into()) }
    };
    let mut handles: Vec<HANDLE> =
        inherited::handles(block).into_iter().map(ptr::without_provenance_mut).collect();
    handles.extend(standard);
    handles.sort_unstable();
    handles.dedup();
    let kept = standard[0];
    for handle in handles.into_iter().filter(|handle| !handle.is_null() && *handle != INVALID_HANDLE_VALUE) {
        if !(keeps_input && handle == kept) {
            // SAFETY: nothing uses it any more.
            unsafe { CloseHandle(handle) };
        }
    }
    let mut path = [0; 300];
    // SAFETY: the buffer has as many units as the call is told, and the text ends with a null.
    unsafe {
        GetSystemDirectoryW(path.as_mut_ptr(), path.len() as u32);
        SetCurrentDirectoryW(path.as_ptr());
    }
}

/// A list with one attribute: the job in which the process is made.
struct Attributes {
    list: Vec<usize>,
    _job: Box<HANDLE>,
}

impl Attributes {
    fn with_job(job: &Job) -> Result<Self, Code> {
        let mut size = 0;
        // SAFETY: without a list, the call writes the size that one needs.
        unsafe { InitializeProcThreadAttributeList(ptr::null_mut(), 1, 0, &raw mut size) };
        let mut list = Vec::new();
        let words = size.div_ceil(size_of::<usize>());
        list.try_reserve(words).map_err(|_: TryReserveError| Code(ERROR_NOT_ENOUGH_MEMORY))?;
        list.resize(words, 0);
        let handle = Box::new(job.raw());
        let value: *const HANDLE = &raw const *handle;
        // SAFETY: the list has as many bytes. The value lives as long as the list.
        unsafe {
            let raw = list.as_mut_ptr().cast();
            check(InitializeProcThreadAttributeList(raw, 1, 0, &raw mut size))?;
            let attribute = PROC_THREAD_ATTRIBUTE_JOB_LIST as usize;
            let length = size_of::<HANDLE>();
            check(UpdateProcThreadAttribute(
                raw,
                0,
                attribute,
                value.cast(),
                length,
                ptr::null_mut(),
                ptr::null(),
            ))?;
        }
        Ok(Self { list, _job: handle })
    }

    fn raw(&mut self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.list.as_mut_ptr().cast()
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the list was initialized.
        unsafe { DeleteProcThreadAttributeList(self.raw()) };
    }
}
