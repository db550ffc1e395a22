//! Whose child a process is. It names its parent by a number, which may have been another's when that was over.

use crate::sys::types::{StartTime, Whose};

/// Whose child it is who names the number of a process: that one's, if it was created later. What is told to be created later
/// than `now` was created before the clock was set back, and tells nothing.
pub(super) fn whose_child(parent: StartTime, child: StartTime, now: StartTime) -> Whose {
    match parent.max(child) {
        latest if latest > now => Whose::Unknown,
        _ if parent <= child => Whose::Own,
        _ => Whose::Others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_older_than_the_one_that_it_names_is_the_child_of_another() {
        for (parent, child, whose) in [
            (10, 20, Whose::Own),
            (20, 20, Whose::Own),
            (20, 10, Whose::Others),
            (30, 30, Whose::Own),
            (10, 31, Whose::Unknown),
            (31, 10, Whose::Unknown),
        ] {
            assert_eq!(whose_child(parent, child, 30), whose, "{parent} {child}");
        }
    }
}
