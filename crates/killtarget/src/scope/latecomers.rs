//! Which polite signals a latecomer is sent.
//!
//! A polite signal is for the processes that were there when it was sent. A process that was started before its
//! parent was sent the signal, and was found later, gets it. A process that was started afterwards is most likely
//! the clean-up that the signal asked for, as of a shell's trap. It and its descendants are spared the signal, and
//! have the rest of the grace period.

use rustc_hash::FxHashMap;

use super::{
    member::{Member, PoliteRecord, PoliteSignal, is_polite},
    members::Members,
    process_table::{Process, ProcessTable},
};
use crate::types::Signal;

impl<T: ProcessTable> Members<T> {
    /// Records a signal that will be sent to all, if it is polite.
    pub(super) fn begin_signal(&mut self, signal: Signal) {
        if is_polite::<T>(signal) {
            let polite = PoliteSignal { signal, began: T::moment(), to_group: false };
            match self.polite.iter_mut().find(|known| known.signal == signal) {
                Some(known) => *known = polite,
                None => self.polite.push(polite),
            }
        }
    }

    /// Records that a signal went to the group in one step, if it is polite.
    pub(super) fn record_group_signal(&mut self, signal: Signal) {
        let Some(polite) = self.polite.iter_mut().find(|polite| polite.signal == signal) else { return };
        polite.to_group = true;
        // If members get it one by one, a process that is forked meanwhile may be a clean-up.
        let sent = PoliteRecord::Sent(polite.began);
        self.living.iter_mut().for_each(|member| member.record(signal, sent));
    }

    /// Sends the signals that were sent to all to the members from that index on, and to those that could not be
    /// signalled. SIGCONT follows if that is wanted. It leaves out what a latecomer is spared.
    pub(crate) fn send_to_latecomers(&mut self, first: usize, signals: &[Signal], with_sigcont: bool) {
        if signals.is_empty() {
            return; // nothing was sent yet
        }
        self.record_signals(signals);
        self.look_for_guards(first);
        let time = self.asked_time();
        for member in self.living.iter_mut().take(first) {
            member.tell_new_guard(signals, time, with_sigcont);
        }
        for (index, parent) in self.parents_first(first) {
            let (mut owed, mut is_left) = (Vec::new(), false);
            for signal in signals {
                if self.owes(index, first, parent, *signal) {
                    owed.push(*signal);
                    continue;
                }
                is_left |= self.is_left(parent, *signal);
                if let Some(member) = self.living.get_mut(index) {
                    member.spare(*signal, if is_left { PoliteRecord::Left } else { PoliteRecord::Spared });
                }
            }
            let Some(member) = self.living.get_mut(index) else { break };
            member.tell_late_guard(owed.first().copied(), time, with_sigcont);
            member.forget_unsent();
            for signal in &owed {
                member.send_recorded(*signal);
            }
            if T::CAN_STOP && with_sigcont && !owed.is_empty() {
                member.send(Signal::CONT);
            }
        }
    }

    /// Returns whether the signal is left to a guard, for all below the parent.
    fn is_left(&self, parent: Option<usize>, signal: Signal) -> bool {
        let parent = parent.and_then(|parent| self.living.get(parent));
        parent.is_some_and(|parent| parent.recorded(signal) == Some(PoliteRecord::Left))
    }

    /// Returns the indexes of the latecomers and of the members that could not be signalled, each after that of its
    /// parent, which it comes with. A group is not listed in that order.
    fn parents_first(&self, first: usize) -> Vec<(usize, Option<usize>)> {
        let members = || self.living.iter().enumerate();
        let indexes: FxHashMap<_, _> =
            members().map(|(index, member)| (member.target.pid(), index)).collect();
        let parent = |member: &Member<T>| indexes.get(&member.target.parent()?).copied();
        let is_due = |index, member: &Member<T>| index >= first || member.is_unsent();
        // Those that are due and have no place in the order yet.
        let mut parents: Vec<_> =
            members().map(|(index, member)| is_due(index, member).then(|| parent(member))).collect();
        let mut order = Vec::new();
        for (index, _) in members() {
            let (mut line, mut next) = (Vec::new(), Some(index));
            while let Some(index) = next
                && let Some(parent) = parents.get_mut(index).and_then(Option::take)
            {
                line.push((index, parent));
                next = parent;
            }
            order.extend(line.into_iter().rev());
        }
        order
    }

    /// Returns whether the member must be sent the signal.
    fn owes(&self, index: usize, first: usize, parent: Option<usize>, signal: Signal) -> bool {
        let polite = self.polite.iter().find(|polite| polite.signal == signal);
        let (Some(member), Some(polite)) = (self.living.get(index), polite) else { return true };
        if member.recorded(signal).is_some() || self.is_left(parent, signal) {
            return false;
        }
        // It was known when the signal was sent, and that failed.
        if index < first {
            return true;
        }
        if polite.to_group && member.target.started_before(polite.began) {
            return false;
        }
        // A guard gets no signal, and its command does. What it has adopted is treated as any orphan.
        let is_adopted =
            |parent: &&Member<T>| parent.is_keeper() && parent.target.has_adopted(&member.target);
        let parent = parent.and_then(|parent| self.living.get(parent)).filter(|parent| !is_adopted(parent));
        match parent {
            Some(parent) => match parent.recorded(signal) {
                Some(PoliteRecord::Sent(moment)) => member.target.started_before(moment),
                Some(PoliteRecord::Spared | PoliteRecord::Left) => false,
                // It may not be signalled, so it was asked for nothing.
                None => true,
            },
            None => member.target.started_before(polite.began),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scope::recipients::Recipients,
        simulation::{
            Id, Leads, Linux, MacOs, Scenario, Simulated, Simulation, Windows, World, on_each_unix,
        },
        types::{GuardRole, Scope},
    };
    use std::time::{Duration, Instant};

    const TERM: &[Signal] = &[Signal::TERM];

    /// Scans, and sends SIGTERM to the latecomers that it is for.
    fn catch_up<S: Simulation>(scenario: &Scenario<S>, members: &mut Members<Simulated<S>>) {
        let first = members.living().len();
        scenario.rescan(members);
        members.send_to_latecomers(first, TERM, true);
    }

    /// Lets the clock go on, where start times alone give the order of processes.
    fn tick<S: Simulation>(scenario: &Scenario<S>) {
        scenario.wait(Duration::from_micros(10));
    }

    fn asked<S: Simulation>(scenario: &Scenario<S>) -> Vec<Id> {
        scenario.sent_to(Signal::TERM)
    }

    #[test]
    fn a_latecomer_that_was_started_before_its_parent_was_signalled_is_signalled() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.ignore_term(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            let child = scenario.child_of(scenario.root);
            let grandchild = scenario.child_of(child);
            tick(&scenario);
            members.signal(TERM, Recipients::All);
            assert_eq!(asked(&scenario), [scenario.root]);
            catch_up(&scenario, &mut members);
            assert_eq!(asked(&scenario), [scenario.root, child, grandchild]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_process_that_was_started_afterwards_and_its_descendants_are_spared() {
        fn check<S: Simulation>() {
            for scope in [Scope::Tree, Scope::Group] {
                let scenario = Scenario::<S>::new(Leads::Session);
                scenario.ignore_term(scenario.root);
                let mut members = scenario.find(scope);
                members.signal(TERM, Recipients::All);
                tick(&scenario);
                let child = scenario.child_of(scenario.root);
                scenario.child_of(child);
                catch_up(&scenario, &mut members);
                // Found one scan later than its parent.
                scenario.child_of(child);
                // Its parent is unknown.
                scenario.orphan_of(child);
                catch_up(&scenario, &mut members);
                assert_eq!(members.living().len(), 5);
                assert_eq!(asked(&scenario), [scenario.root]);
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_process_that_was_spared_one_signal_is_sent_the_next() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.ignore_term(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            members.signal(TERM, Recipients::All);
            tick(&scenario);
            let child = scenario.child_of(scenario.root);
            catch_up(&scenario, &mut members);
            tick(&scenario);
            members.signal(TERM, Recipients::All);
            assert_eq!(asked(&scenario), [scenario.root, scenario.root, child]);
            tick(&scenario);
            scenario.child_of(child);
            catch_up(&scenario, &mut members);
            assert_eq!(asked(&scenario).len(), 3);
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_child_of_a_process_that_may_not_be_signalled_is_no_clean_up() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            scenario.forbid_signals_to(scenario.root);
            let mut members = scenario.find(Scope::Tree);
            members.signal(TERM, Recipients::All);
            tick(&scenario);
            let child = scenario.child_of(scenario.root);
            scenario.permit_signals_to(child);
            catch_up(&scenario, &mut members);
            assert_eq!(asked(&scenario), [child]);
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_latecomer_that_got_a_signal_with_its_group_is_not_sent_it_again() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            scenario.ignore_term(scenario.root);
            let mut members = scenario.find(Scope::Group);
            let child = scenario.child_of(scenario.root);
            tick(&scenario);
            members.signal(TERM, Recipients::All);
            catch_up(&scenario, &mut members);
            assert_eq!(asked(&scenario), [scenario.root, child]);
        }
        on_each_unix!(check);
    }

    /// Asks all, and guards are told.
    fn ask<S: Simulation>(members: &mut Members<Simulated<S>>) {
        members.begin_asking(Some(Instant::now()));
        members.signal(TERM, Recipients::All);
    }

    /// A process becomes a guard, with a keeper. Returns these and the command.
    fn start_guard<S: Simulation>(scenario: &Scenario<S>, guard: Id) -> [Id; 3] {
        let keeper = scenario.child_of(guard);
        for (id, role) in [(guard, GuardRole::Other), (keeper, GuardRole::Keeper)] {
            World::with(|world| world.get_mut(id).guard_role = Some(role));
        }
        [guard, keeper, scenario.child_of(keeper)]
    }

    fn told() -> Vec<(Id, Option<Signal>)> {
        World::with(|world| world.told.clone())
    }

    #[test]
    fn a_guard_that_is_found_late_is_requested_to_ask_what_is_below_it() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        scenario.ignore_term(scenario.root);
        let mut members = scenario.find(Scope::Tree);
        let [guard, _, command] = start_guard(&scenario, scenario.child_of(scenario.root));
        tick(&scenario);
        ask(&mut members);
        catch_up(&scenario, &mut members);
        scenario.child_of(command);
        catch_up(&scenario, &mut members);
        assert_eq!((asked(&scenario), told()), (vec![scenario.root], vec![(guard, Some(Signal::TERM))]));
    }

    #[test]
    fn a_guard_that_cannot_be_told_yet_is_requested_later() {
        for is_late in [false, true] {
            let scenario = Scenario::<Linux>::new(Leads::Nothing);
            scenario.ignore_term(scenario.root);
            World::with(|world| world.failing_tells = usize::MAX);
            let start = || {
                let guard = scenario.child_of(scenario.root);
                World::with(|world| world.get_mut(guard).guard_role = Some(GuardRole::Other));
                guard
            };
            let early = if is_late { None } else { Some(start()) };
            let mut members = scenario.find(Scope::Tree);
            let guard = early.unwrap_or_else(start);
            tick(&scenario);
            ask(&mut members);
            catch_up(&scenario, &mut members);
            World::with(|world| world.failing_tells = 0);
            start_guard(&scenario, guard);
            catch_up(&scenario, &mut members);
            assert_eq!(asked(&scenario), [scenario.root]);
            assert_eq!(told().last(), Some(&(guard, Some(Signal::TERM))));
        }
    }

    #[test]
    fn the_command_of_a_guard_that_cannot_be_requested_is_asked() {
        let scenario = Scenario::<MacOs>::new(Leads::Nothing);
        scenario.ignore_term(scenario.root);
        let mut members = scenario.find(Scope::Tree);
        let [.., command] = start_guard(&scenario, scenario.child_of(scenario.root));
        tick(&scenario);
        ask(&mut members);
        catch_up(&scenario, &mut members);
        assert_eq!(asked(&scenario), [scenario.root, command]);
    }

    #[test]
    fn a_guard_that_was_started_by_a_clean_up_is_told_that_all_were_asked() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        scenario.ignore_term(scenario.root);
        let mut members = scenario.find(Scope::Tree);
        ask(&mut members);
        tick(&scenario);
        let [guard, keeper, _] = start_guard(&scenario, scenario.child_of(scenario.root));
        catch_up(&scenario, &mut members);
        assert_eq!((asked(&scenario), told()), (vec![scenario.root], vec![(guard, None), (keeper, None)]));
    }

    #[test]
    fn a_process_that_becomes_a_guard_after_it_was_asked_is_told_and_what_it_starts_is_spared() {
        let scenario = Scenario::<Linux>::new(Leads::Nothing);
        scenario.ignore_term(scenario.root);
        let child = scenario.child_of(scenario.root);
        scenario.ignore_term(child);
        let mut members = scenario.find(Scope::Tree);
        // Started before that, and not found yet.
        let [guard, ..] = start_guard(&scenario, child);
        World::with(|world| world.get_mut(guard).guard_role = None);
        tick(&scenario);
        ask(&mut members);
        World::with(|world| world.get_mut(guard).guard_role = Some(GuardRole::Other));
        catch_up(&scenario, &mut members);
        assert_eq!((asked(&scenario), told()), (vec![scenario.root, guard], vec![(guard, None)]));
    }

    #[test]
    fn each_latecomer_is_terminated_where_each_signal_terminates() {
        let scenario = Scenario::<Windows>::new(Leads::Nothing);
        let mut members = scenario.find(Scope::Tree);
        members.signal(TERM, Recipients::All);
        let child = scenario.child_of(scenario.root);
        catch_up(&scenario, &mut members);
        assert_eq!(asked(&scenario), [scenario.root, child]);
    }
}
