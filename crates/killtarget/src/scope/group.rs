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
    let is_known = |pid: &Pid| known.get(pid).is_some_and(|target| !target.is_reaped());
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
                let is_member = |pid| known.get(&pid).is_some_and(|known| known.is_unreaped());
                if !result.leaves_alone(&target, scan, &is_member) && !result.leaves_out(pid, scan) {
                    result.admit(&target, scan);
                }
            }
            _ => result.summary.has_gaps = true,
        }
    }
    let members = scan.living.iter().map(|member| &member.target);
    match owner_by_member(scan.root.group_owner(), members, |pid| T::group_of(pid) == Some(group)) {
        IdOwner::Original => {}
        IdOwner::Reused => {
            result.latecomers.clear();
            result.summary.unverified.clear();
        }
        IdOwner::Unknown => {
            let latecomers = result.latecomers.drain(..).map(|target| target.info());
            result.summary.unverified.extend(latecomers);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use crate::{
        scope::{liveness::Liveness, process_table::Process, survivor::Proof},
        simulation::{
            Leads, Scenario, SimulatedProcess, Simulation, World, end, ids, on_each_unix, reuse_pid,
        },
        types::Scope,
    };
    use std::{cell::Cell, rc::Rc, sync::Arc};

    #[test]
    fn a_group_holds_its_members_whatever_their_parent() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let (child, orphan) = (scenario.child_of(scenario.root), scenario.orphan_of(scenario.root));
            let peer = scenario.stranger();
            scenario.join_group(peer, scenario.root);
            let members = scenario.find(Scope::Group);
            assert_eq!(ids(&members), [scenario.root, child, orphan, peer]);
            assert_eq!(members.proof(), Proof::Group);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_child_that_has_left_the_group_is_not_a_member() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let child = scenario.child_of(scenario.root);
            scenario.join_group(child, child);
            assert_eq!(ids(&scenario.find(Scope::Group)), [scenario.root]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn members_of_a_reaped_leader_s_group_are_found_only_if_its_number_is_proved_its_own() {
        fn check<S: Simulation>() {
            for many in [false, true] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let child = scenario.child_of(scenario.root);
                let root = scenario.open();
                let is_proven = scenario.end_root(many);
                let members = scenario.find_from(&root, Scope::Group);
                let unverified: Vec<_> =
                    members.summary.unverified.iter().map(|process| process.pid).collect();
                if is_proven {
                    assert_eq!((ids(&members), unverified), (vec![child], vec![]));
                } else {
                    assert_eq!((ids(&members), unverified), (vec![], vec![scenario.pid(child)]));
                }
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_known_member_proves_the_group_of_a_reaped_leader() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let child = scenario.child_of(scenario.root);
            let mut members = scenario.find(Scope::Group);
            scenario.end(scenario.root);
            let latecomer = scenario.child_of(child);
            members.refresh();
            assert_eq!(scenario.rescan(&mut members), [latecomer]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_later_group_with_the_leader_s_pid_is_not_the_group() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let root = scenario.open();
            let other = World::with(|world| reuse_pid(world, scenario.root));
            scenario.join_group(other, other);
            scenario.child_of(other);
            assert_eq!(scenario.pid(other), root.pid());
            let members = scenario.find_from(&root, Scope::Group);
            assert_eq!(ids(&members), []);
            assert!(members.summary.unverified.is_empty());
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_process_that_reuses_the_pid_of_a_member_during_the_scan_is_not_a_member() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Group);
                let child = scenario.child_of(scenario.root);
                let other = Rc::new(Cell::new(None));
                let slot = Rc::clone(&other);
                scenario.after_calls(calls, move |world| slot.set(Some(reuse_pid(world, child))));
                let members = scenario.find(Scope::Group);
                assert!(other.get().is_none_or(|other| !ids(&members).contains(&other)), "{calls}");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_member_that_exits_during_the_scan_is_a_gap_or_was_found() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Group);
                let child = scenario.child_of(scenario.root);
                let late = Rc::new(Cell::new(None));
                let slot = Rc::clone(&late);
                scenario.after_calls(calls, move |world| {
                    slot.set(world.fork(child));
                    end(world, child);
                });
                let members = scenario.find(Scope::Group);
                let Some(late) = late.get() else { continue };
                let is_known = ids(&members).contains(&late) || ids(&members).contains(&child);
                assert!(is_known || members.has_gaps(), "after {calls} calls");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_member_is_counted_once_although_a_read_fails() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Group);
                let child = scenario.child_of(scenario.root);
                let mut members = scenario.find(Scope::Group);
                scenario.fail_read_after(calls);
                scenario.rescan(&mut members);
                assert_eq!(ids(&members), [scenario.root, child], "after {calls} calls");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_group_of_a_process_that_is_over_is_not_empty_while_a_member_may_be_missing() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let child = scenario.child_of(scenario.root);
            scenario.end(scenario.root);
            let root = Arc::new(SimulatedProcess::open_or_group(scenario.pid(scenario.root)));
            let late = Rc::new(Cell::new(None));
            let slot = Rc::clone(&late);
            // Each member starts the next one and exits.
            scenario.at_each_call(move |world| {
                let last = slot.get().unwrap_or(child);
                slot.set(world.fork(last));
                end(world, last);
            });
            let mut members = scenario.find_from(&root, Scope::Group);
            members.refresh();
            scenario.calm();
            assert_ne!(members.liveness(), Liveness::None);
            assert_eq!(members.proof(), Proof::BestEffort);
        }
        on_each_unix!(check);
    }

    #[test]
    fn zombies_in_the_group_are_counted() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let child = scenario.child_of(scenario.root);
            let mut members = scenario.find(Scope::Group);
            scenario.exit(child);
            members.refresh();
            scenario.rescan(&mut members);
            assert_eq!(members.summary.zombies, 1);
            assert!(!members.has_gaps());
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_protected_process_that_joins_the_group_is_left_out() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let ancestor = scenario.child_of(World::with(|world| world.caller));
            let caller = scenario.child_of(ancestor);
            World::with(|world| world.caller = caller);
            let mut members = scenario.find(Scope::Group);
            assert!(members.refusal().is_none());
            scenario.join_group(ancestor, scenario.root);
            assert!(scenario.rescan(&mut members).is_empty());
            assert!(members.refusal().is_some());
        }
        on_each_unix!(check);
    }
}
