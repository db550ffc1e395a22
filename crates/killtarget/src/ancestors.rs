//! The ancestors of a process.

use crate::{
    sys::{self, Handle},
    types::{Pid, Verification},
};

/// More than any process has. It ends the walk if wrong readings form a circle.
const MAX_ANCESTORS: usize = 4096;

/// How often the walk starts again, if a process is reparented during it.
const MAX_ATTEMPTS: usize = 3;

/// Returns the ancestors, the parent first. Returns `None` if they cannot be read, or if they keep changing.
pub(crate) fn of(parent: Pid, is_still: &dyn Fn(Pid) -> bool) -> Option<Vec<Pid>> {
    (0..MAX_ATTEMPTS).find_map(|_| read(parent, is_still))
}

/// Reads the ancestors once. Returns `None` if one was reparented during it.
///
/// 1. Open the pid that the child names as its parent. It may have been reused by then.
/// 2. Read the child's parent again. If it still names the pid, the opened process is the parent.
fn read(parent: Pid, is_still: &dyn Fn(Pid) -> bool) -> Option<Vec<Pid>> {
    let mut ancestors: Vec<(Pid, Handle)> = Vec::new();
    let mut next = Some(parent);
    while let Some(pid) = next.filter(|_| ancestors.len() < MAX_ANCESTORS) {
        let handle = Handle::open(pid, Verification::Required).ok()??;
        let is_parent = match ancestors.last() {
            Some((_, child)) => child.parent().ok()? == Some(pid),
            None => is_still(pid),
        };
        if !is_parent {
            return None;
        }
        next = handle.parent().ok()?;
        ancestors.push((pid, handle));
    }
    Some(ancestors.into_iter().map(|(pid, _)| pid).collect())
}

/// Returns the ancestors of the calling process, as far as they can be read.
pub(crate) fn own() -> Vec<Pid> {
    let ancestors = sys::own_parent().and_then(|parent| of(parent, &|pid| sys::own_parent() == Some(pid)));
    ancestors.unwrap_or_else(|| {
        std::iter::successors(sys::own_parent(), |pid| parent_of(*pid)).take(MAX_ANCESTORS).collect()
    })
}

fn parent_of(pid: Pid) -> Option<Pid> {
    Handle::open(pid, Verification::Required).ok()??.parent().ok()?
}
