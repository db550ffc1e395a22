//! The parent of a process. Windows records only its pid, which another process may have reused since.

use crate::sys::types::{IdOwner, StartTime};

/// Decides whether the process that has the ppid of `child` is its parent. Both are given by their creation times.
///
/// A child is created after its parent. A creation time later than `now` means that the clock was set back since: it
/// decides nothing.
pub(super) fn ppid_owner(parent: StartTime, child: StartTime, now: StartTime) -> IdOwner {
    match parent.max(child) {
        latest if latest > now => IdOwner::Unknown,
        _ if parent <= child => IdOwner::Original,
        _ => IdOwner::Reused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_older_than_the_owner_of_its_ppid_is_the_child_of_another() {
        for (parent, child, owner) in [
            (10, 20, IdOwner::Original),
            (20, 20, IdOwner::Original),
            (20, 10, IdOwner::Reused),
            (30, 30, IdOwner::Original),
            (10, 31, IdOwner::Unknown),
            (31, 10, IdOwner::Unknown),
        ] {
            assert_eq!(ppid_owner(parent, child, 30), owner, "{parent} {child}");
        }
    }
}
