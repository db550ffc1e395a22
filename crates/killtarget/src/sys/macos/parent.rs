//! The parent of a process. To the kernel, a debugger is the parent as long as it is attached.

use crate::sys::types::IdOwner;

/// xnu, `bsd/sys/proc_info.h`.
const PROC_FLAG_TRACED: u32 = 2;

/// Returns whether a debugger is attached, by `pbsi_flags`.
pub(super) fn is_traced(flags: u32) -> bool {
    flags & PROC_FLAG_TRACED != 0
}

/// Decides whether a process is a child of the process with this pid and unique id, which listed it. Returns `None` if
/// it has been reparented since.
///
/// The original parent decides about a traced process. The kernel sets it at fork. Under a debugger, exec sets it
/// again, to the debugger (xnu, `pinsertchild`). A traced process that has called exec thus seems the debugger's
/// child; it also ends with the debugger.
pub(super) fn ppid_owner(
    flags: u32,
    ppid: u32,
    original_parent_id: u64,
    (parent_pid, parent_unique_id): (u32, u64),
) -> Option<IdOwner> {
    match ppid == parent_pid {
        is_parent if !is_traced(flags) => is_parent.then_some(IdOwner::Original),
        _ if original_parent_id == parent_unique_id => Some(IdOwner::Original),
        true => Some(IdOwner::Reused),
        false => Some(IdOwner::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROC_FLAG_LP64: u32 = 0x10;

    #[test]
    fn a_process_that_the_caller_debugs_is_no_child() {
        let (caller, own, other) = ((5, 55), 55, 77);
        let traced = PROC_FLAG_TRACED | PROC_FLAG_LP64;
        for (flags, ppid, original_parent_id, owner) in [
            (PROC_FLAG_LP64, 5, own, Some(IdOwner::Original)),
            // Reparented, or forked by an earlier process with the pid: the parent that the kernel names decides.
            (PROC_FLAG_LP64, 1, own, None),
            (traced, 5, own, Some(IdOwner::Original)),
            (traced, 6, own, Some(IdOwner::Original)),
            (traced, 5, other, Some(IdOwner::Reused)),
            (traced, 6, other, Some(IdOwner::Unknown)),
        ] {
            assert_eq!(ppid_owner(flags, ppid, original_parent_id, caller), owner, "{flags} {ppid}");
        }
    }
}
