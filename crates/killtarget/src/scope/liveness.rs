//! Whether any process in scope is alive.

use std::{sync::Arc, time::Instant};

use super::{
    bounds::Bounds,
    member::Member,
    members::Members,
    process_table::{Process, ProcessTable},
    scan::ScanSummary,
    survivor::{Reason, Survivor},
};
use crate::{
    sys::{RunState, Visibility},
    types::{Delivery, Error, ProcessInfo, Signal},
};

/// How often survivors are looked at for a report, while some exit.
const MAX_LOOKS: usize = 3;

/// Which processes in scope are alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Liveness {
    None,
    /// Only processes that may not be signalled. A wait for them is pointless.
    NotPermitted,
    /// Only unverified processes. They are not signalled. An exiting member can appear as one, if nothing
    /// proves its membership any more.
    Unverified,
    Alive,
}

impl<T: ProcessTable> Members<T> {
    /// Removes the members that have exited. Returns whether there were any.
    pub(crate) fn refresh(&mut self) -> bool {
        let exited: Vec<_> = self.living.extract_if(.., |member| !member.target.may_be_alive()).collect();
        self.ended += exited.iter().filter(|member| !member.is_guard()).count();
        let has_exited = !exited.is_empty();
        if has_exited {
            self.summary.has_exited_since = true;
            self.root_exit();
        }
        self.exited.extend(exited.into_iter().map(|member| (member.target.pid(), member.target)));
        has_exited
    }

    /// [`Members::refresh`] before a report. A member that has exited since the last scan may have left others.
    fn refresh_for_report(&mut self) {
        self.refresh();
        if self.summary.has_exited_since && self.can_have_others() {
            let first_latecomer = self.scan(&T::list());
            self.mark_for_report(first_latecomer);
            if self.refresh() {
                self.summary.record_gap(false);
            }
        }
        let first_latecomer = self.living.len();
        self.search_all();
        self.mark_for_report(first_latecomer);
    }

    fn mark_for_report(&mut self, first: usize) {
        self.living.iter_mut().skip(first).for_each(|member| member.is_for_report = true);
    }

    /// Forgets the latecomers that were found for a report. The next scan finds them anew, so that they get their signals. Returns
    /// whether there were any.
    pub(crate) fn forget_those_for_report(&mut self) -> bool {
        let known = self.living.len();
        self.living.retain(|member| !member.is_for_report);
        self.living.len() < known
    }

    pub(crate) fn liveness(&self) -> Liveness {
        if self.waits_for_members() {
            Liveness::Alive
        } else if self.living.iter().any(|member| self.is_waited_for(member)) {
            Liveness::NotPermitted
        } else if !self.summary.unverified.is_empty() {
            Liveness::Unverified
        } else {
            self.unseen_liveness()
        }
    }

    /// Returns whether there are members to wait for. One that may not be signalled is not waited for.
    pub(crate) fn waits_for_members(&self) -> bool {
        self.living.iter().any(|member| self.is_waited_for(member) && !member.is_not_permitted())
    }

    /// Returns whether only another scan can show that the scope is empty, because the last one had gaps.
    pub(crate) fn needs_rescan(&self) -> bool {
        self.summary.unverified.is_empty()
            && self.summary.has_gaps
            && self.summary.visibility != Visibility::None
            && !self.is_guard_over()
    }

    /// Returns whether others than the root are in scope. Returns `None` if the scans until then cannot tell.
    pub(crate) fn find_leftovers(&mut self, deadline: Instant) -> Option<bool> {
        self.scan_until(&T::list(), deadline);
        let has_leftovers = self.has_leftovers();
        if has_leftovers.is_some() || T::now() > deadline {
            return has_leftovers;
        }
        // A zombie that the first scan has found may have started others meanwhile. The second one knows it.
        self.scan_until(&T::list(), deadline);
        self.has_leftovers()
    }

    /// Returns what the last scan has shown of that.
    fn has_leftovers(&mut self) -> Option<bool> {
        self.refresh();
        let root = &self.root;
        if self.living.iter().any(|member| !Arc::ptr_eq(&member.target, root)) || self.caller.is_some() {
            return Some(true);
        }
        match (self.summary.visibility, self.liveness()) {
            // A group may still have members then. The kernel counts zombies, too.
            (Visibility::None, liveness) => (liveness == Liveness::None).then_some(false),
            _ if self.needs_rescan() || self.summary.has_exited_since => None,
            (_, liveness) => Some(liveness != Liveness::None),
        }
    }

    /// Returns whether processes that no scan has shown are alive. They may be hidden, or may fork and exit
    /// faster than a scan. The kernel knows whether the group has members, but counts zombies too.
    fn unseen_liveness(&self) -> Liveness {
        if self.has_only_zombies() { Liveness::None } else { self.kernel_liveness() }
    }

    /// Returns whether zombies are the only members that the kernel can mean.
    fn has_only_zombies(&self) -> bool {
        let ScanSummary { visibility, has_gaps, has_exited_since, zombies, .. } = self.summary;
        match visibility {
            // A process that cannot be seen may not be signalled, as a rule. So it is not waited for.
            Visibility::All | Visibility::Own => zombies > 0 && !has_gaps && !has_exited_since,
            Visibility::None => self.group_killed,
        }
    }

    /// Returns whether the kernel may mean zombies only, because the last scan has shown some and nothing that is alive, but
    /// has gaps.
    pub(crate) fn may_have_only_zombies(&self) -> bool {
        let ScanSummary { has_gaps, zombies, ref unverified, .. } = self.summary;
        self.living.is_empty() && unverified.is_empty() && zombies > 0 && has_gaps
    }

    /// Returns what the kernel says of the group, zombies included. With gaps, a tree counts as unverified, unless its guard has
    /// exited last. So does the group of a process that had exited before it was opened: the kernel is not asked about a number that
    /// may have been reused.
    pub(crate) fn kernel_liveness(&self) -> Liveness {
        let group_liveness = self.group_liveness();
        match self.bounds {
            Bounds::Tree(_)
                if group_liveness == Liveness::None && self.summary.has_gaps && !self.is_guard_over() =>
            {
                Liveness::Unverified
            }
            Bounds::Group if self.root.has_member() && self.summary.has_gaps => Liveness::Unverified,
            _ => group_liveness,
        }
    }

    fn group_liveness(&self) -> Liveness {
        let leaves_alone = !self.excepted.is_empty() && matches!(self.bounds, Bounds::Group);
        if !self.has_group() && !self.may_have_group() && !leaves_alone {
            return Liveness::None;
        }
        match self.root.signal_group(Signal::PROBE) {
            // It may mean those that are left alone.
            Ok(Delivery::Delivered) | Err(Error::Os { .. }) if leaves_alone && !self.summary.has_gaps => {
                Liveness::None
            }
            Ok(Delivery::Delivered) | Err(Error::Os { .. }) if leaves_alone => Liveness::Unverified,
            Ok(Delivery::Delivered) => Liveness::Alive,
            Ok(Delivery::Gone) | Err(Error::NotGroupLeader(_)) => Liveness::None,
            Err(error) if error.is_not_permitted() => Liveness::NotPermitted,
            // A group has this id, but nothing proves that it is the root's.
            Err(_) => Liveness::Unverified,
        }
    }

    /// Returns the members that are waited for. If all got SIGKILL, one at a time is enough: only the last
    /// exit counts.
    pub(crate) fn awaited(&mut self) -> impl Iterator<Item = &mut Member<T>> {
        let last = self.living.len().saturating_sub(1);
        let (root, all_sent_sigkill) = (self.root.pid(), self.all_sent_sigkill());
        let is_awaited = move |index: usize, member: &Member<T>| {
            !all_sent_sigkill || index == last || member.target.pid() == root
        };
        let members = self.living.iter_mut().enumerate();
        members.filter_map(move |(index, member)| is_awaited(index, member).then_some(member))
    }

    /// Returns the processes that could not be stopped. `tolerated` is the run state furthest from stopped that
    /// counts as stopped.
    pub(crate) fn unstopped(&self, tolerated: RunState) -> Vec<ProcessInfo> {
        let unstopped =
            self.living.iter().filter(|member| member.is_not_permitted() || member.run_state() > tolerated);
        unstopped.map(|member| member.target.info()).chain(self.summary.unverified.iter().cloned()).collect()
    }

    /// Returns the processes that are still alive, with the reasons, for a report. What exits while they are looked at is none, and
    /// may have left others.
    pub(crate) fn find_survivors(&mut self) -> Vec<Survivor> {
        for _ in 0..MAX_LOOKS {
            self.refresh_for_report();
            let survivors = self.survivors();
            if !self.refresh() {
                return survivors;
            }
        }
        self.summary.record_gap(false);
        self.survivors()
    }

    fn survivors(&self) -> Vec<Survivor> {
        // A guard lives on because others do.
        let has_others = self.left() > 0 || !self.excepted.is_empty();
        let living = self.living.iter().filter(|member| !(member.is_guard() && has_others));
        let living = living.map(|member| member.survivor(self.sent_sigkill));
        let unverified = self.summary.unverified.iter().cloned();
        living.chain(unverified.map(|process| Survivor { process, reason: Reason::Unverified })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        simulation::{
            Leads, Linux, LinuxBefore69, Scenario, Simulated, SimulatedProcess, Simulation, end, ids,
            on_each_system, on_each_unix,
        },
        types::Scope,
    };
    use std::time::Duration;

    #[test]
    fn a_scope_is_alive_while_a_member_that_may_be_signalled_is() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            scenario.forbid_signals_to(child);
            let mut members = scenario.find(Scope::Tree);
            assert_eq!(members.liveness(), Liveness::Alive);
            scenario.end(scenario.root);
            assert!(members.refresh());
            assert_eq!(members.liveness(), Liveness::NotPermitted);
            scenario.end(child);
            assert!(members.refresh());
            assert_eq!(members.liveness(), Liveness::None);
            assert!(!members.refresh());
            assert_eq!(members.ended(), 2);
        }
        on_each_system!(check);
    }

    /// Looks for what a root that has exited has left.
    fn leftovers<S: Simulation>(root: &Arc<SimulatedProcess<S>>) -> Option<bool> {
        let deadline = Simulated::<S>::now() + Duration::from_millis(20);
        Members::<Simulated<S>>::new(root, Scope::Tree, true).find_leftovers(deadline)
    }

    #[test]
    fn what_is_left_is_over_although_no_zombie_of_it_is_reaped() {
        fn check<S: Simulation>() {
            for leads in [Leads::Group, Leads::Session] {
                let scenario = Scenario::<S>::new(leads);
                let root = scenario.open();
                let orphans = [scenario.orphan_of(scenario.root), scenario.orphan_of(scenario.root)];
                scenario.end(scenario.root);
                assert_eq!(leftovers(&root), Some(true), "{leads:?}");
                for orphan in orphans {
                    scenario.exit(orphan);
                }
                assert_eq!(leftovers(&root), Some(false), "{leads:?}");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_root_that_has_exited_has_leftovers_while_an_orphan_is_in_its_session() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let root = scenario.open();
            let orphan = scenario.orphan_of(scenario.root);
            scenario.exit(scenario.root);
            assert_eq!(leftovers(&root), Some(true), "the root is a zombie");
            scenario.end(scenario.root);
            assert_eq!(leftovers(&root), Some(true), "the root is reaped");
            scenario.end(orphan);
            assert_eq!(leftovers(&root), Some(false));
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_group_that_may_be_the_root_s_is_not_said_to_be_empty_where_no_process_can_be_listed() {
        let scenario = Scenario::<LinuxBefore69>::new(Leads::Group);
        let root = scenario.open();
        let orphan = scenario.orphan_of(scenario.root);
        scenario.hide_processes();
        // Nothing proves that the group is still its own.
        assert!(!scenario.end_root(true));
        assert_eq!(leftovers(&root), None);
        let members = Members::<Simulated<LinuxBefore69>>::new(&root, Scope::Tree, true).scanned_once();
        assert_eq!(members.liveness(), Liveness::Unverified);
        scenario.end(orphan);
        assert_eq!(leftovers(&root), Some(false));
    }

    #[test]
    fn a_zombie_that_nothing_is_left_of_has_no_leftovers() {
        fn check<S: Simulation>() {
            for leads in [Leads::Nothing, Leads::Group, Leads::Session] {
                let scenario = Scenario::<S>::new(leads);
                let root = scenario.open();
                scenario.exit(scenario.root);
                assert_eq!(leftovers(&root), Some(false), "{leads:?}");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn leftovers_that_fork_and_exit_at_each_call_are_never_said_to_be_none() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let root = scenario.open();
            let mut comet = scenario.orphan_of(scenario.root);
            scenario.end(scenario.root);
            scenario.at_each_call(move |world| {
                if let Some(next) = world.fork(comet) {
                    end(world, comet);
                    comet = next;
                }
            });
            for _ in 0..8 {
                assert_ne!(leftovers(&root), Some(false));
            }
        }
        check::<Linux>();
        check::<LinuxBefore69>();
    }

    #[test]
    fn a_member_that_may_not_be_signalled_survives_as_not_permitted() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            scenario.forbid_signals_to(child);
            let mut members = scenario.find(Scope::Tree);
            members.kill();
            scenario.wait(Duration::ZERO);
            members.refresh();
            assert_eq!(survivors(&members), [(scenario.pid(child), Reason::NotPermitted)]);
        }
        on_each_system!(check);
    }

    #[test]
    fn an_uninterruptible_member_survives_as_uninterruptible_only_after_sigkill() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.make_uninterruptible(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            let pid = scenario.pid(scenario.root);
            assert_eq!(survivors(&members), [(pid, Reason::Timeout)]);
            members.kill();
            assert_eq!(survivors(&members), [(pid, Reason::Uninterruptible)]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_unverified_process_survives_as_unverified_and_is_not_signalled() {
        let scenario = Scenario::<LinuxBefore69>::new(Leads::Session);
        let child = scenario.child_of(scenario.root);
        let root = scenario.open();
        scenario.end_root(true);
        let mut members = scenario.find_from(&root, Scope::Tree);
        assert_eq!(members.liveness(), Liveness::Unverified);
        members.kill();
        assert_eq!(scenario.sent(), []);
        assert_eq!(survivors(&members), [(scenario.pid(child), Reason::Unverified)]);
        assert_eq!(members.unstopped(RunState::Traced)[0].pid, scenario.pid(child));
    }

    #[test]
    fn a_rescan_is_needed_after_a_gap_unless_a_process_is_unverified() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        let mut members = scenario.find(Scope::Tree);
        assert!(!members.needs_rescan());
        members.summary.has_gaps = true;
        assert!(members.needs_rescan());
        members.summary.unverified.push(ProcessInfo::unknown(scenario.pid(scenario.root)));
        assert!(!members.needs_rescan());
    }

    #[test]
    fn a_tree_with_gaps_and_no_known_member_is_unverified() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        let mut members = scenario.find(Scope::Tree);
        scenario.end(scenario.root);
        members.refresh();
        assert_eq!(members.liveness(), Liveness::None);
        members.summary.has_gaps = true;
        assert_eq!(members.liveness(), Liveness::Unverified);
    }

    #[test]
    fn a_group_is_alive_while_the_kernel_finds_a_member_that_no_scan_has_shown() {
        fn check<S: Simulation>() {
            for many in [false, true] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let mut members = scenario.find(Scope::Group);
                scenario.child_of(scenario.root);
                let is_proven = scenario.end_root(many);
                members.refresh();
                assert_eq!(ids(&members), []);
                let liveness = if is_proven { Liveness::Alive } else { Liveness::Unverified };
                assert_eq!(members.liveness(), liveness);
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_group_of_zombies_is_not_alive() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let mut members = scenario.find(Scope::Group);
            scenario.exit(scenario.root);
            members.refresh();
            assert_eq!(members.liveness(), Liveness::Alive, "the kernel counts the zombie");
            scenario.rescan(&mut members);
            assert_eq!(members.liveness(), Liveness::None);
        }
        on_each_unix!(check);
    }

    #[test]
    fn only_the_root_and_the_last_member_are_awaited_after_sigkill() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let children = [0; 3].map(|_| scenario.child_of(scenario.root));
            let mut members = scenario.find(Scope::Tree);
            assert_eq!(members.awaited().count(), 4);
            members.kill();
            let awaited: Vec<_> = members.awaited().filter_map(|member| member.target.id()).collect();
            assert_eq!(awaited, [scenario.root, children[2]]);
        }
        on_each_system!(check);
    }

    #[test]
    fn members_that_still_run_are_unstopped() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let child = scenario.child_of(scenario.root);
            scenario.make_uninterruptible(child);
            let mut members = scenario.find(Scope::Tree);
            assert_eq!(members.unstopped(RunState::Traced).len(), 2);
            members.stop(0);
            scenario.wait(Duration::ZERO);
            let unstopped: Vec<_> =
                members.unstopped(RunState::Traced).into_iter().map(|process| process.pid).collect();
            assert_eq!(unstopped, [scenario.pid(child)]);
        }
        on_each_unix!(check);
    }

    fn survivors<S: Simulation>(members: &Members<Simulated<S>>) -> Vec<(crate::types::Pid, Reason)> {
        members.survivors().into_iter().map(|survivor| (survivor.process.pid, survivor.reason)).collect()
    }

    #[test]
    fn sigkill_to_the_group_does_not_show_that_a_member_is_dead_that_may_not_be_signalled() {
        fn check<S: Simulation>() {
            for calls in 0..20 {
                let scenario = Scenario::<S>::new(Leads::Group);
                let hidden = scenario.child_of(scenario.root);
                scenario.forbid_signals_to(hidden);
                let mut members = Members::<Simulated<S>>::new(&scenario.open(), Scope::Group, false);
                members.kill();
                scenario.wait(Duration::ZERO);
                members.refresh();
                scenario.fail_read_after(calls);
                let found = scenario.rescan(&mut members);
                assert!(found == [hidden] || members.liveness() != Liveness::None, "after {calls} calls");
            }
        }
        on_each_unix!(check);
    }
}
