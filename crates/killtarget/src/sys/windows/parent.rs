//! Whose child a process is. It names its parent by a number, which may have been another's when that was over.

use crate::sys::types::{IdOwner, StartTime};

/// Whose child it is who names the number of a process: that one's, if it was created later. What is told to be created later
/// than `now` was created before the clock was set back, and tells nothing.
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
    fn who_is_older_than_the_one_that_it_names_is_the_child_of_another() {
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
