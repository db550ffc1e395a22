//! What `sysctl` tells of the system and of a process.

use std::{ffi::c_void, ptr};

use crate::types::Pid;

/// How much longer the arguments of a process may be at the second look.
const MAX_GROWTH: usize = 1 << 14;

/// `sysctl(CTL_KERN, KERN_PROCARGS2, pid)`
///
/// Returns the arguments of a process, as the kernel reads them from its memory. Returns `None` if the process has exited or is
/// another user's.
///
/// # References
/// xnu, `bsd/kern/kern_sysctl.c`: `sysctl_procargsx`
pub(super) fn arguments(pid: Pid) -> Option<Vec<u8>> {
    let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, pid.as_raw()];
    let mut read = |buffer: *mut c_void, size: &mut usize| {
        // SAFETY: the name has 3 parts, and the kernel writes no more than `size` bytes, none to a null buffer.
        let result =
            unsafe { libc::sysctl(name.as_mut_ptr(), 3, buffer, ptr::from_mut(size), ptr::null_mut(), 0) };
        result == 0
    };
    let mut size = 0;
    if !read(ptr::null_mut(), &mut size) {
        return None;
    }
    // The process may call exec in between.
    size += MAX_GROWTH;
    let mut buffer = vec![0_u8; size];
    if !read(buffer.as_mut_ptr().cast(), &mut size) {
        return None;
    }
    buffer.truncate(size);
    Some(buffer)
}

/// `sysctlbyname("kern.bootsessionuuid")`
///
/// Returns what identifies the boot of the machine. Returns `None` if the call fails.
///
/// # References
/// xnu, `bsd/kern/kern_sysctl.c`: `kern.bootsessionuuid`
pub(super) fn boot_session() -> Option<String> {
    let mut buffer = [0_u8; 64];
    let mut size = buffer.len();
    // SAFETY: the name ends with a null byte, and the kernel writes no more than `size` bytes.
    let result = unsafe {
        libc::sysctlbyname(
            c"kern.bootsessionuuid".as_ptr(),
            buffer.as_mut_ptr().cast(),
            &raw mut size,
            ptr::null_mut(),
            0,
        )
    };
    let text = buffer.get(..size).filter(|_| result == 0)?;
    Some(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
}
