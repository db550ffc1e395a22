//! Memory that is reserved at the start.

use std::{ffi::c_char, ptr, slice};

use super::error::Errno;

/// Types for which all bits zero is a value.
pub(crate) trait Zero: Copy + 'static {}

impl Zero for u8 {}
impl Zero for u32 {}
impl Zero for *const c_char {}
#[cfg(target_os = "macos")]
impl Zero for i32 {}
#[cfg(target_os = "macos")]
impl Zero for crate::types::Process {}
#[cfg(target_os = "macos")]
impl Zero for crate::types::Member {}

/// Returns `count` values that are zero, for the life of the process. A page takes memory once it is written.
///
/// # Errors
/// `ENOMEM`.
///
/// # References
/// mmap(2)
pub(crate) fn zeroed<T: Zero>(count: usize) -> Result<&'static mut [T], Errno> {
    map(count, libc::MAP_PRIVATE)
}

/// The same, in memory that the children of this process share with it. Only one of them may use it at a time.
#[cfg(target_os = "macos")]
pub(crate) fn zeroed_shared<T: Zero>(count: usize) -> Result<&'static mut [T], Errno> {
    map(count, libc::MAP_SHARED)
}

fn map<T: Zero>(count: usize, sharing: i32) -> Result<&'static mut [T], Errno> {
    let length = count.saturating_mul(size_of::<T>());
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, sharing | libc::MAP_ANONYMOUS);
    // SAFETY: the kernel chooses an address where nothing is mapped.
    let start = unsafe { libc::mmap(ptr::null_mut(), length, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return Err(Errno::last());
    }
    // SAFETY: the pages are zero, which is a value of T, aligned, and nothing else refers to them or unmaps them.
    Ok(unsafe { slice::from_raw_parts_mut(start.cast(), count) })
}
