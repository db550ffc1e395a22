//! The members of the root's process group.

use super::{
    process_table::{Process, ProcessList, ProcessTable},
    scan::{Scan, ScanResult, owner_by_member},
};
use crate::{sys::IdOwner, types::Pid};
use std::sync::Arc;

/// Finds the latecomers in the group that the root leads or led.
///
/// 1. Open each listed pid. The handle keeps to that process, even if the pid is reused.
/// 2. Read the group by pid. The pid may have been reused by then.
/// 3. Verify that the process is unreaped. So it has kept its pid, and the group is its own.
/// 4. Verify the owner of the group last. Its id may have been freed while the members were read.
pub(crate) fn scan<T: ProcessTable>(scan: &Scan<'_, T>) -> ScanResult<T> {
    let group = scan.root.pid();
    let known = scan.known();
    let is_known = |pid: &Pid| known.get(pid).is_some_and(|target| target.is_unreaped());
    let mut result = ScanResult::empty(scan.process_list.visibility());
    result.summary.has_gaps = scan.process_list.has_gaps_in_groups();
    for pid in scan.process_list.group(group).into_iter().filter(|pid| !is_known(pid)) {
        if scan.is_past_deadline() {
            result.summary.has_gaps = true;
            break;
        }
        if result.record_known_zombie(pid, scan) {
            continue;
        }
        match T::open_candidate(pid).map(Arc::new) {
            Ok(target) if T::group_of(pid) == Some(group) && target.is_unreaped() => {
                result.admit(&target, scan);
            }
            _ => result.summary.has_gaps = true,
        }
    }
    let members = scan.living.iter().map(|member| &member.target);
    match owner_by_member(scan.root.group_owner(), members, |pid| T::group_of(pid) == Some(group)) {
        IdOwner::Original => {}
        IdOwner::Reused => result.latecomers.clear(),
        IdOwner::Unknown => {
            result.summary.unverified = result.latecomers.drain(..).map(|target| target.info()).collect();
        }
    }
    result
}
