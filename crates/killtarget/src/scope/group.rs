//! Who is in the process group of a process.

use std::sync::Arc;

use super::scan::{Found, Look, owner_by_member};
use crate::{
    sys::{self, IdOwner},
    target::KillTarget,
    types::Pid,
};

/// Those in the group that the root leads or led and that are not known yet.
pub(crate) fn look(look: &Look<'_>) -> Found {
    let group = look.root.pid();
    let known = look.known();
    let is_known = |pid: &Pid| known.get(pid).is_some_and(|target| target.is_unreaped());
    let mut found = Found::nothing(look.listing.visibility());
    found.seen.has_gaps = look.listing.has_gaps_in_groups();
    for pid in look.listing.group(group).into_iter().filter(|pid| !is_known(pid)) {
        if look.is_late() {
            found.seen.has_gaps = true;
            break;
        }
        if found.is_old_zombie(pid, look) {
            continue;
        }
        match KillTarget::met(pid).map(Arc::new) {
            // The handle first, then the fact, then that the handle's process had the number all along.
            Ok(target) if sys::group_of(pid) == Some(group) && target.is_unreaped() => {
                found.admit(&target, look);
            }
            _ => found.seen.has_gaps = true,
        }
    }
    // Only now, as the number may have come free while it was read.
    let members = look.living.iter().map(|member| &member.target);
    match owner_by_member(look.root.group_owner(), members, |pid| sys::group_of(pid) == Some(group)) {
        IdOwner::Original => {}
        IdOwner::Reused => found.newcomers.clear(),
        IdOwner::Unknown => {
            found.seen.unverified = found.newcomers.drain(..).map(|target| target.info()).collect();
        }
    }
    found
}
