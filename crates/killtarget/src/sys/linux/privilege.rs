//! The capabilities of the calling thread.

const CAP_SYS_PTRACE: u32 = 19;

/// `_LINUX_CAPABILITY_VERSION_3`: each set has two words.
const VERSION: u32 = 0x2008_0522;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Default, Clone, Copy)]
struct Word {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// `capget(&header, words)`
///
/// Returns whether the calling thread has `CAP_SYS_PTRACE`, as root does by default. `hidepid` hides no process from
/// it.
///
/// # References
/// `capget(2)`; `capabilities(7)`, `CAP_SYS_PTRACE`; `proc(5)`, `hidepid`.
pub(super) fn has_ptrace_capability() -> bool {
    let mut header = Header { version: VERSION, pid: 0 };
    let mut words = [Word::default(); 2];
    // SAFETY: both pointers are valid for the call. For this version, the kernel writes two words, the length of
    // `words`.
    let result = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, words.as_mut_ptr()) };
    result == 0 && words[0].effective & (1 << CAP_SYS_PTRACE) != 0
}
