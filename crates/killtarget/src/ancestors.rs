//! The line of a process's ancestors.

use crate::{
    sys::{self, Handle},
    types::{Pid, Verification},
};

/// Longer than any real line, so that a wrong reading can't go round for ever.
const MAX_ANCESTORS: usize = 4096;

/// How often to begin anew where the line changes while it is read.
const MAX_ATTEMPTS: usize = 3;

/// The ancestors, from the parent on. `None`: the line can't be read, or would not stay the same for long enough.
pub(crate) fn of(parent: Pid, is_still: impl Fn(Pid) -> bool) -> Option<Vec<Pid>> {
    (0..MAX_ATTEMPTS).find_map(|_| read(parent, &is_still))
}

fn read(parent: Pid, is_still: &impl Fn(Pid) -> bool) -> Option<Vec<Pid>> {
    let mut ancestors: Vec<(Pid, Handle)> = Vec::new();
    let mut next = Some(parent);
    while let Some(pid) = next.filter(|_| ancestors.len() < MAX_ANCESTORS) {
        let handle = Handle::open(pid, Verification::Required).ok()??;
        // Opened by number: it is the parent if it is called that now, too.
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

/// Those of the calling process. Where the line can't be read to its end it ends there.
pub(crate) fn own() -> Vec<Pid> {
    let ancestors = sys::own_parent().and_then(|parent| of(parent, |pid| sys::own_parent() == Some(pid)));
    ancestors.unwrap_or_else(|| {
        std::iter::successors(sys::own_parent(), |pid| parent_of(*pid)).take(MAX_ANCESTORS).collect()
    })
}

fn parent_of(pid: Pid) -> Option<Pid> {
    Handle::open(pid, Verification::Required).ok()??.parent().ok()?
}
