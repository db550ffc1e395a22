//! Whether a process was started that no scan has shown, from the pids that the kernel assigns.

use super::{
    bounds::Bounds,
    members::Members,
    process_table::{Process, ProcessTable},
};
use crate::types::{Error, Pid};

/// How often the pids are read that were assigned while others were looked at.
const MAX_READS: usize = 8;

impl<T: ProcessTable> Members<T> {
    /// Returns whether the last scan had no gaps and no process was started since it began.
    pub(crate) fn is_complete(&self) -> bool {
        self.assigned_pids.as_ref().is_some_and(|assigned| {
            T::last_pid() == Some(assigned.last) && assigned.appeared::<T>().next().is_none()
        })
    }

    /// Looks for a process that was started after the last scan began, and that the kill of the group may have made an
    /// orphan outside the group. No later scan could tell it from a stranger.
    pub(super) fn record_lost_orphans(&mut self) {
        self.has_sent_with_gap |= self.may_have_lost_orphan();
    }

    fn may_have_lost_orphan(&self) -> bool {
        let Some(assigned) = &self.assigned_pids else { return true };
        let mut last_pid = assigned.last;
        if assigned.appeared::<T>().any(|pid| self.may_be_lost_orphan(pid)) {
            return true;
        }
        for _ in 0..MAX_READS {
            let Some((now, started)) = T::started_since(last_pid) else { return true };
            if now == last_pid {
                return false;
            }
            if started.iter().any(|pid| self.may_be_lost_orphan(*pid)) {
                return true;
            }
            // What has exited by now may have started others before.
            last_pid = now;
        }
        true
    }

    /// Returns whether the process may have been started by a member that is killed, and has left the group.
    fn may_be_lost_orphan(&self, pid: Pid) -> bool {
        let process = match T::open_candidate(pid) {
            Ok(process) => process,
            // A thread.
            Err(Error::NotAProcess(_)) => return false,
            Err(_) => return true,
        };
        let is_member = |pid: Pid| self.living.iter().any(|member| member.target.pid() == pid);
        let is_in_group = T::group_of(pid) == Some(self.root.pid());
        if !process.may_be_alive() || is_in_group || is_member(pid) {
            return false;
        }
        let Bounds::Tree(tree) = &self.bounds else { return false };
        let may_adopt = |parent: Pid| {
            let is_reaper = tree.reapers.as_ref().is_none_or(|reapers| reapers.contains(&parent));
            is_reaper && (parent != T::own_pid() || T::adopts_orphans())
        };
        process.parent().is_none_or(|parent| is_member(parent) || may_adopt(parent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scope::{
            survivor::Proof,
            sweep::{Sweep, SweepResult},
        },
        simulation::{Id, Leads, Linux, LinuxBefore69, Scenario, Simulated, Simulation, World},
        types::Scope,
    };
    use std::time::Duration;

    /// Kills the members, and scans once more.
    fn kill<S: Simulation>(scenario: &Scenario<S>, members: &mut Members<Simulated<S>>) {
        let mut sweep = Sweep::new(Simulated::<S>::now());
        while sweep.advance(members, &Simulated::<S>::list()) == SweepResult::Pending {
            scenario.wait(Duration::from_millis(1));
        }
        scenario.calm();
        scenario.wait(Duration::ZERO);
        members.refresh();
        scenario.rescan(members);
    }

    /// Kills a tree. At that call of the sweep, its root starts a child, which leaves the root's group and session at the next
    /// call. Returns whether the child is alive afterwards, and the proof.
    fn kill_during<S: Simulation>(
        scenario: &Scenario<S>,
        mut members: Members<Simulated<S>>,
        calls: usize,
        mut start_child: impl FnMut(&mut World) -> Option<Id> + 'static,
    ) -> (bool, Proof) {
        let root = scenario.root;
        let (mut left, mut child) = (calls, None);
        scenario.at_each_call(move |world| match (left, child) {
            // The kernel undoes the fork of a process that was sent a signal.
            (0, None) if world.get(root).can_act() => child = start_child(world),
            (0, Some(id)) if world.get(id).can_act() => world.setsid(id),
            _ => left = left.saturating_sub(1),
        });
        kill(scenario, &mut members);
        let is_alive = scenario.ids().any(|id| id > root && scenario.is_alive(id));
        (is_alive, members.proof())
    }

    /// Kills a tree that has so many latecomers. The fork of the child begins at that call of the sweep.
    fn kill_while_a_child_leaves<S: Simulation>(calls: usize, latecomers: usize) -> (bool, Proof) {
        let scenario = Scenario::<S>::new(Leads::Session);
        let root = scenario.root;
        let members = scenario.find(Scope::Tree);
        for _ in 0..latecomers {
            scenario.child_of(root);
        }
        kill_during(&scenario, members, calls, move |world| world.fork(root))
    }

    #[test]
    fn a_child_that_leaves_the_group_while_the_group_is_killed_is_killed_or_leaves_no_proof() {
        fn check<S: Simulation>() {
            let results: Vec<_> = (0..60).map(|calls| kill_while_a_child_leaves::<S>(calls, 0)).collect();
            assert!(
                results.iter().all(|(is_alive, proof)| !is_alive || *proof == Proof::BestEffort),
                "{results:?}"
            );
            let is_lost = |(is_alive, _): &&(bool, Proof)| *is_alive;
            assert!(
                results.iter().filter(is_lost).count() > 0,
                "the child was never started at the last moment"
            );
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    /// Kills a tree whose root has begun to fork before the scan. The child appears at that call of the sweep.
    fn kill_while_a_child_appears<S: Simulation>(calls: usize) -> (bool, Proof) {
        let scenario = Scenario::<S>::new(Leads::Session);
        let root = scenario.root;
        let mut fork = World::with(|world| world.begin_fork(root));
        let members = scenario.find(Scope::Tree);
        kill_during(&scenario, members, calls, move |world| fork.take().map(|fork| world.finish_fork(fork)))
    }

    #[test]
    fn a_child_that_appears_after_its_pid_was_assigned_is_killed_or_leaves_no_proof() {
        fn check<S: Simulation>() {
            let results: Vec<_> = (0..60).map(kill_while_a_child_appears::<S>).collect();
            let is_told = |(is_alive, proof): &(bool, Proof)| !is_alive || *proof == Proof::BestEffort;
            assert!(results.iter().all(is_told), "{results:?}");
            let is_killed = |(is_alive, proof): &&(bool, Proof)| !is_alive && *proof == Proof::Session;
            assert!(results.iter().filter(is_killed).count() > 0, "{results:?}");
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_child_that_has_left_the_group_since_the_last_scan_is_killed() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let mut members = scenario.find(Scope::Tree);
            let child = scenario.child_of(scenario.root);
            scenario.take_session(child);
            kill(&scenario, &mut members);
            assert!(!scenario.is_alive(child));
            assert_eq!(members.proof(), Proof::Session);
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn the_group_is_not_killed_after_a_scan_during_which_a_process_was_started() {
        fn check<S: Simulation>() {
            // The scan reads the children of the root first, and those of the latecomers for some 60 calls.
            let is_lost = |calls: &usize| kill_while_a_child_leaves::<S>(*calls, 5).0;
            let lost = (0..200).filter(is_lost).count();
            assert!(lost < 10, "{lost} were lost");
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_stranger_that_is_started_while_the_group_is_killed_does_not_matter() {
        fn check<S: Simulation>() {
            for calls in 0..60 {
                let scenario = Scenario::<S>::new(Leads::Session);
                let stranger =
                    if calls % 2 == 0 { scenario.stranger() } else { World::with(|world| world.caller) };
                let mut members = scenario.find(Scope::Tree);
                scenario.after_calls(calls, move |world| {
                    world.fork(stranger);
                });
                kill(&scenario, &mut members);
                assert_eq!(members.proof(), Proof::Session, "after {calls} calls");
            }
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }
}
