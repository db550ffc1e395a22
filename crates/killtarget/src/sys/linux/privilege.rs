//! What the calling thread may do that its user may not.

const CAP_SYS_PTRACE: u32 = 19;

/// `_LINUX_CAPABILITY_VERSION_3`: two words of each set.
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

/// Whether it may look into everyone, as root may unless that was taken away: to such a one no `hidepid` hides anybody.
///
/// # References
/// `capget(2)`; `capabilities(7)`, `CAP_SYS_PTRACE`; `proc(5)`, `hidepid`.
pub(super) fn sees_everyone() -> bool {
    let mut header = Header { version: VERSION, pid: 0 };
    let mut words = [Word::default(); 2];
    // SAFETY: the kernel reads the header and writes two words, for which there is room, and keeps nothing of them.
    let result = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, words.as_mut_ptr()) };
    result == 0 && words[0].effective & (1 << CAP_SYS_PTRACE) != 0
}
