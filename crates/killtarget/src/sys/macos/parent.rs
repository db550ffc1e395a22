//! Whose child a process is. To the kernel a debugger is the parent for as long as it debugs.

use crate::sys::types::IdOwner;

/// xnu, `bsd/sys/proc_info.h`.
const PROC_FLAG_TRACED: u32 = 2;

/// Whether a debugger has it, by `pbsi_flags`.
pub(super) fn is_debugged(flags: u32) -> bool {
    flags & PROC_FLAG_TRACED != 0
}

/// Whose child it is who was listed as that of the process with this number and unique id. `None`: it has been given to another
/// since.
///
/// Who is debugged is known by whom it was `born_of`. That is set at fork, and anew at exec, when it is the debugger (xnu,
/// `pinsertchild`): what calls exec under a debugger seems to be that one's, who takes it along when it ends.
pub(super) fn ppid_owner(flags: u32, parent: u32, born_of: u64, (pid, id): (u32, u64)) -> Option<IdOwner> {
    match parent == pid {
        is_named if !is_debugged(flags) => is_named.then_some(IdOwner::Original),
        _ if born_of == id => Some(IdOwner::Original),
        true => Some(IdOwner::Reused),
        false => Some(IdOwner::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROC_FLAG_LP64: u32 = 0x10;

    #[test]
    fn whom_one_debugs_is_no_child() {
        let (caller, mine, others) = ((5, 55), 55, 77);
        let debugged = PROC_FLAG_TRACED | PROC_FLAG_LP64;
        for (flags, parent, born_of, owner) in [
            (PROC_FLAG_LP64, 5, mine, Some(IdOwner::Original)),
            // Born of one that has had the number since, or given away: what counts is whom the kernel names.
            (PROC_FLAG_LP64, 1, mine, None),
            (debugged, 5, mine, Some(IdOwner::Original)),
            (debugged, 6, mine, Some(IdOwner::Original)),
            (debugged, 5, others, Some(IdOwner::Reused)),
            (debugged, 6, others, Some(IdOwner::Unknown)),
        ] {
            assert_eq!(ppid_owner(flags, parent, born_of, caller), owner, "{flags} {parent} {born_of}");
        }
    }
}
