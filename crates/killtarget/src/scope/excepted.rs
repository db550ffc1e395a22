//! The processes that a call leaves alone, and what they have started.
//!
//! What they have started is known by its parents, as long as these live. So it is recorded in each scan, before a parent
//! exits. An orphan that was not seen before may have been started by a member or by an excepted process. If it is not older
//! than these, or one of these had been reaped before the call, it is not signalled.

use std::{ptr, sync::Arc};

use rustc_hash::FxHashMap;

use super::process_table::{Process, ProcessList, ProcessTable};
use crate::{
    sys::{IdOwner, StartTime},
    types::{Error, Pid},
};

/// So many are recorded: each is held by a descriptor. Of more, the orphans are not signalled either.
const MAX_RECORDED: usize = 256;

/// The processes that are left alone.
pub(crate) struct Excepted<T: ProcessTable> {
    /// The processes that the call has named.
    named: Vec<Arc<T::Process>>,
    /// These and the descendants that were found, by their pids.
    processes: FxHashMap<Pid, Arc<T::Process>>,
    /// When the first of them was started. `None` if that is unknown, as of one that was reaped.
    since: Option<StartTime>,
}

/// How a process is related to the excepted ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    None,
    /// It is one of them, or was started by one.
    Excepted,
    /// One of them may have started it, and has exited since.
    Unknown,
}

impl<T: ProcessTable> Excepted<T> {
    /// No process is left alone.
    pub(crate) fn none() -> Self {
        Self::new(&[])
    }

    pub(crate) fn new(named: &[Arc<T::Process>]) -> Self {
        let unreaped = named.iter().filter(|process| !process.is_reaped());
        let processes = unreaped.map(|process| (process.pid(), Arc::clone(process))).collect();
        let starts: Option<Vec<_>> = named.iter().map(|process| process.started()).collect();
        Self { named: named.to_vec(), processes, since: starts.and_then(|starts| starts.into_iter().min()) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Returns whether a call has named the same processes.
    pub(crate) fn is_same(&self, named: &[Arc<T::Process>]) -> bool {
        let is_named = |process: &Arc<T::Process>| {
            self.named.iter().any(|other| Arc::ptr_eq(other, process) || is_same::<T>(other, process))
        };
        self.named.len() == named.len() && named.iter().all(is_named)
    }

    /// Checks that a target is not left alone itself.
    ///
    /// # Errors
    /// [`Error::Excepted`].
    pub(crate) fn check(&self, target: &T::Process) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        let pid = target.pid();
        let is_named =
            self.contains(target) || self.named.iter().any(|named| ptr::eq(&raw const **named, target));
        // Of a contained tree, the target is the command.
        let is_command = |command: &Pid| self.contains_pid(*command);
        let command = || target.containment().and_then(|_| target.command()).filter(is_command);
        let by = if is_named { Some(pid) } else { self.ancestor_of(target).or_else(command) };
        by.map_or(Ok(()), |by| Err(Error::Excepted { pid, by }))
    }

    /// Returns whether this is one of them, as far as it is known.
    pub(crate) fn contains(&self, process: &T::Process) -> bool {
        self.processes.get(&process.pid()).is_some_and(|known| is_same::<T>(known, process))
    }

    /// Returns whether a protected process, which keeps its pid during the call, is one of them.
    pub(crate) fn contains_protected(&self, pid: Pid) -> bool {
        if self.is_empty() {
            return false;
        }
        let line = [T::own_pid()].into_iter().chain(T::own_ancestors());
        // It lives, and so do those between it and pid 1.
        line.skip_while(|member| *member != pid).any(|member| self.contains_pid(member))
    }

    /// Returns how a process is related to them that was found by its group or session. `is_member` tells of a pid whether it is
    /// that of a member now.
    pub(crate) fn relation(&self, process: &T::Process, is_member: &dyn Fn(Pid) -> bool) -> Relation {
        if self.is_empty() {
            return Relation::None;
        }
        if self.contains(process) {
            return Relation::Excepted;
        }
        let mut child = process.pid();
        let mut session = T::session_of(child);
        for parent in ancestors::<T>(process) {
            if self.contains_pid(parent) {
                return Relation::Excepted;
            }
            if is_member(parent) {
                return Relation::None;
            }
            // An orphan is given to pid 1 or to a subreaper. As a rule, that has a session of its own.
            let parent_session = T::session_of(parent);
            let is_subreaper = parent == T::own_pid() && T::adopts_orphans();
            if parent == Pid::INIT || is_subreaper || parent_session != session {
                break;
            }
            (child, session) = (parent, parent_session);
        }
        let start = if child == process.pid() {
            process.started()
        } else {
            T::open_candidate(child).ok().and_then(|opened| opened.started())
        };
        let is_older =
            start.zip(self.since).is_some_and(|(start, since)| start + T::START_TIME_STEP <= since);
        if is_older { Relation::None } else { Relation::Unknown }
    }

    /// Records what they have started.
    pub(crate) fn find_descendants(&mut self, process_list: &T::List) {
        self.processes.retain(|_, process| !process.is_reaped());
        let mut parents: Vec<_> = self.processes.values().cloned().collect();
        while let Some(parent) = parents.pop() {
            // What is missing now is found by its parents, while these live.
            for pid in process_list.children_of(&parent).unwrap_or_default() {
                if self.contains_pid(pid) {
                    continue;
                }
                if self.processes.len() >= self.named.len() + MAX_RECORDED {
                    return;
                }
                let Ok(child) = T::open_candidate(pid).map(Arc::new) else { continue };
                if child.ppid_owner(&parent) == Some(IdOwner::Original) && parent.is_unreaped() {
                    self.processes.insert(pid, Arc::clone(&child));
                    parents.push(child);
                }
            }
        }
    }

    fn contains_pid(&self, pid: Pid) -> bool {
        self.processes.get(&pid).is_some_and(|process| !process.is_reaped())
    }

    fn ancestor_of(&self, process: &T::Process) -> Option<Pid> {
        if self.is_empty() {
            return None;
        }
        ancestors::<T>(process).into_iter().find(|ancestor| self.contains_pid(*ancestor))
    }
}

/// Returns the ancestors as far as they can be read, the parent first.
fn ancestors<T: ProcessTable>(process: &T::Process) -> Vec<Pid> {
    let line =
        process.parent().and_then(|parent| T::ancestors_from(parent, &|pid| process.parent() == Some(pid)));
    line.unwrap_or_default()
}

/// Two unreaped processes with one pid are the same process. If that cannot be read, they may be: what may be left alone is.
fn is_same<T: ProcessTable>(one: &T::Process, other: &T::Process) -> bool {
    one.pid() == other.pid() && !one.is_reaped() && !other.is_reaped()
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc, time::Duration};

    use super::*;
    use crate::{
        scope::survivor::{Reason, Survivor},
        simulation::{
            Id, Leads, Scenario, Simulated, SimulatedProcess, Simulation, World, end, on_each_system,
            on_each_unix, reuse_pid_for_child, terminate,
        },
        terminate::{
            escalation::Plan,
            report::{Outcome, Termination},
            request::Request,
        },
        types::{Scope, Signal},
    };

    fn open<S: Simulation>(scenario: &Scenario<S>, id: Id) -> Arc<SimulatedProcess<S>> {
        Arc::new(SimulatedProcess::open(scenario.pid(id)))
    }

    /// Kills all but one process, and what that one has started.
    fn kill_except<S: Simulation>(
        scenario: &Scenario<S>,
        scope: Scope,
        except: Arc<SimulatedProcess<S>>,
    ) -> Result<Termination, Error> {
        let plan = Plan { steps: Vec::new(), kill: true, timeout: Some(Duration::from_secs(1)) };
        let request = Request { except: vec![except], ..Request::new(scope, plan) };
        let root = World::with(|world| world.root);
        terminate(&open(scenario, root), request).unwrap()
    }

    fn pids(report: &Termination, reason: Reason) -> Vec<Pid> {
        let survivors = report.survivors.iter().filter(|survivor| survivor.reason == reason);
        survivors.map(|Survivor { process, .. }| process.pid).collect()
    }

    #[test]
    fn a_process_and_what_it_has_started_is_left_alone_in_a_tree() {
        fn check<S: Simulation>() {
            for leads in [Leads::Nothing, Leads::Group, Leads::Session] {
                let scenario = Scenario::<S>::new(leads);
                let spared = scenario.child_of(scenario.root);
                let of_spared = scenario.child_of(spared);
                let other = scenario.child_of(scenario.root);
                let report = kill_except(&scenario, Scope::Tree, open(&scenario, spared)).unwrap();
                assert_eq!((report.outcome, report.ended, report.survivors), (Outcome::Killed, 2, vec![]));
                let alive = [scenario.root, spared, of_spared, other].map(|id| scenario.is_alive(id));
                assert_eq!(alive, [false, true, true, false]);
                assert!(scenario.sent().iter().all(|(id, _)| ![spared, of_spared].contains(id)));
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_process_and_what_it_has_started_is_left_alone_in_a_group() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let spared = scenario.child_of(scenario.root);
            let of_spared = scenario.child_of(spared);
            let other = scenario.child_of(scenario.root);
            let report = kill_except(&scenario, Scope::Group, open(&scenario, spared)).unwrap();
            assert_eq!((report.outcome, report.ended, report.survivors), (Outcome::Killed, 2, vec![]));
            let alive = [scenario.root, spared, of_spared, other].map(|id| scenario.is_alive(id));
            assert_eq!(alive, [false, true, true, false]);
            assert!(scenario.sent().iter().all(|(id, _)| ![spared, of_spared].contains(id)));
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_process_is_left_alone_although_a_read_fails() {
        fn check<S: Simulation>() {
            for calls in 0..120 {
                for scope in [Scope::Tree, Scope::Group] {
                    let scenario = Scenario::<S>::new(Leads::Group);
                    let spared = scenario.child_of(scenario.root);
                    let except = open(&scenario, spared);
                    scenario.fail_read_after(calls);
                    kill_except(&scenario, scope, except).unwrap();
                    let alive = [scenario.root, spared].map(|id| scenario.is_alive(id));
                    assert_eq!(alive, [false, true], "{scope:?} after {calls} calls");
                }
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn what_an_excepted_process_has_started_is_left_alone_although_its_parent_has_the_pid_of_a_member() {
        fn check<S: Simulation>() {
            for calls in 0..100 {
                let scenario = Scenario::<S>::new(Leads::Session);
                let member = scenario.child_of(scenario.root);
                let spared = scenario.child_of(scenario.root);
                let of_spared = scenario.child_of(spared);
                let except = open(&scenario, spared);
                World::with(|world| world.has_few_processes = true);
                // So what it has started is not known.
                scenario.end(spared);
                let started = Rc::new(Cell::new(None));
                let slot = Rc::clone(&started);
                scenario.after_calls(calls, move |world| {
                    end(world, member);
                    let child = reuse_pid_for_child(world, member, of_spared);
                    slot.set(Some([child, world.fork(child).unwrap()]));
                });
                let _ = kill_except(&scenario, Scope::Tree, except);
                let alive = started.get().unwrap_or_default().map(|id| scenario.is_alive(id));
                assert!(started.get().is_none() || alive == [true, true], "after {calls} calls");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn what_an_excepted_process_has_started_is_left_alone_although_it_exits_and_a_read_fails() {
        fn check<S: Simulation>() {
            for (exit_at, fail_at) in
                (0..120).step_by(15).flat_map(|exit| (0..160).map(move |fail| (exit, fail)))
            {
                let scenario = Scenario::<S>::new(Leads::Session);
                let spared = scenario.child_of(scenario.root);
                let of_spared = scenario.child_of(spared);
                let except = open(&scenario, spared);
                let mut calls = 0;
                scenario.at_each_call(move |world| {
                    calls += 1;
                    world.failing_reads += usize::from(calls == fail_at);
                    if calls == exit_at {
                        end(world, spared);
                    }
                });
                let _ = kill_except(&scenario, Scope::Tree, except);
                assert!(scenario.is_alive(of_spared), "exit at {exit_at}, failure at {fail_at}");
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn what_an_excepted_process_has_started_is_left_alone_after_its_exit() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Session);
            let spared = scenario.child_of(scenario.root);
            let of_spared = scenario.child_of(spared);
            let except = open(&scenario, spared);
            let root = scenario.root;
            // The orphan is in the root's session, and each member is still to be killed.
            scenario.at_each_call(move |world| {
                if world.was_sent(root, Signal::STOP) && world.get(spared).is_alive() {
                    end(world, spared);
                }
            });
            let report = kill_except(&scenario, Scope::Tree, except).unwrap();
            assert!(!scenario.is_alive(root) && scenario.is_alive(of_spared));
            assert_eq!((report.outcome, report.survivors), (Outcome::Killed, vec![]));
        }
        on_each_unix!(check);
    }

    #[test]
    fn an_orphan_that_an_excepted_process_may_have_started_is_a_survivor() {
        fn check<S: Simulation>() {
            for (is_older, scope) in
                [(false, Scope::Tree), (false, Scope::Group), (true, Scope::Tree), (true, Scope::Group)]
            {
                let scenario = Scenario::<S>::new(Leads::Group);
                let older = is_older.then(|| scenario.orphan_of(scenario.root));
                scenario.wait(Duration::from_millis(20));
                let spared = scenario.child_of(scenario.root);
                let orphan = older.unwrap_or_else(|| scenario.orphan_of(spared));
                let report = kill_except(&scenario, scope, open(&scenario, spared)).unwrap();
                assert_eq!(scenario.is_alive(orphan), !is_older);
                let expected = if is_older { vec![] } else { vec![scenario.pid(orphan)] };
                assert_eq!(pids(&report, Reason::Unverified), expected);
                assert!(!scenario.is_alive(scenario.root) && scenario.is_alive(spared));
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_later_process_of_the_same_shell_is_not_taken_for_an_orphan() {
        fn check<S: Simulation>() {
            for scope in [Scope::Group, Scope::Tree] {
                let scenario = Scenario::<S>::new(Leads::Group);
                let [spared, later] = [0; 2].map(|_| {
                    let id = scenario.sibling();
                    scenario.join_group(id, scenario.root);
                    id
                });
                kill_except(&scenario, scope, open(&scenario, spared)).unwrap();
                assert!(scenario.is_alive(spared) && !scenario.is_alive(later));
            }
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_target_that_is_left_alone_is_refused() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let caller = World::with(|world| world.caller);
            for by in [scenario.root, caller] {
                let refused = kill_except(&scenario, Scope::Tree, open(&scenario, by));
                let (pid, by) = (scenario.pid(scenario.root), scenario.pid(by));
                assert_eq!(refused.unwrap_err(), Error::Excepted { pid, by });
            }
            assert!(scenario.sent().is_empty());
        }
        on_each_system!(check);
    }

    #[test]
    fn the_caller_may_be_left_alone_in_a_group_that_holds_it() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let (caller, leader) = (World::with(|world| world.caller), scenario.stranger());
            scenario.join_group(leader, leader);
            scenario.join_group(caller, leader);
            World::with(|world| world.root = leader);
            assert!(matches!(
                kill_except(&scenario, Scope::Group, open(&scenario, scenario.root)),
                Err(Error::Protected { .. })
            ));
            let report = kill_except(&scenario, Scope::Group, open(&scenario, caller)).unwrap();
            assert_eq!((report.outcome, report.ended), (Outcome::Killed, 1));
            assert!(!scenario.is_alive(leader) && scenario.is_alive(caller));
        }
        on_each_unix!(check);
    }

    #[test]
    fn calls_with_the_same_exceptions_are_for_the_same_scope() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            let (one, other) = (scenario.child_of(scenario.root), scenario.child_of(scenario.root));
            let opened = |ids: &[Id]| ids.iter().map(|id| open(&scenario, *id)).collect::<Vec<_>>();
            let excepted = Excepted::<Simulated<S>>::new(&opened(&[one, other]));
            assert!(excepted.is_same(&opened(&[other, one])));
            assert!(!excepted.is_same(&opened(&[one])));
            assert!(!excepted.is_same(&[]));
            assert!(Excepted::<Simulated<S>>::none().is_same(&[]));
        }
        on_each_system!(check);
    }
}
