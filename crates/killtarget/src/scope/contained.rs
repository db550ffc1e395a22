//! Guards among the members: a guard ends all below it when it is asked. A tree is contained if its root is a guard.
//!
//! The guard and its keeper are members, as the tree is over once they have exited. They get no signals, are not counted,
//! and are named as survivors only if nothing else is.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rustc_hash::FxHashMap;

use super::{
    bounds::Bounds,
    liveness::Liveness,
    member::{Member, with_continue},
    members::Members,
    process_table::{Process, ProcessTable},
    survivor::Proof,
};
use crate::types::{Containment, Exit, GuardRole, Pid, Signal};

/// How long a guard may take to end all below it, before each process gets SIGKILL of its own.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// How long, and at which interval, the keeper of a guard that is starting is looked for.
const LOOK_TIMEOUT: Duration = Duration::from_millis(50);
const LOOK_INTERVAL: Duration = Duration::from_micros(200);

impl<T: ProcessTable> Members<T> {
    /// Adds the keeper, which may live on after the guard. Waits for it if the guard was started right before: its exit is what
    /// proves that all is over.
    pub(super) fn admit_keeper(&mut self) {
        if self.containment.is_none() || !T::GUARDS_HAVE_KEEPERS {
            return;
        }
        let start = T::now();
        while self.root.keeper().is_none() && self.root.may_be_alive() && T::now() < start + LOOK_TIMEOUT {
            T::pause(LOOK_INTERVAL);
        }
        if let Some(keeper) = self.root.keeper()
            && keeper.may_be_alive()
        {
            let keeper = Arc::clone(keeper);
            self.has_seen_keeper = true;
            self.admit(keeper);
        }
    }

    /// Returns which process it is of the guard that contains this tree. They are known by their identity, also while nothing can
    /// be read of them.
    pub(super) fn own_guard_role(&self, target: &Arc<T::Process>) -> Option<GuardRole> {
        self.containment?;
        if self.root.keeper().is_some_and(|keeper| Arc::ptr_eq(target, keeper)) {
            return Some(GuardRole::Keeper);
        }
        Arc::ptr_eq(target, &self.root).then(|| target.guard_role().unwrap_or(GuardRole::Other))
    }

    /// Finds the guards among the latecomers and their parents. A guard that has started has a child, and so has its keeper. So a
    /// process without children is looked at only if its parent is a guard.
    pub(super) fn find_guards(&mut self, families: &[(Pid, Vec<Pid>)]) {
        if families.is_empty() || !self.may_hold_guards() {
            return;
        }
        let members = self.living.iter().enumerate();
        let indexes: FxHashMap<_, _> = members.map(|(index, member)| (member.target.pid(), index)).collect();
        let mut is_guard = |pid: &Pid| {
            let member = indexes.get(pid).and_then(|index| self.living.get_mut(*index));
            member.is_some_and(|member| {
                // It may have become one since it was looked at.
                member.look_for_guard_role();
                member.is_guard()
            })
        };
        for (parent, children) in families {
            if is_guard(parent) {
                for child in children {
                    is_guard(child);
                }
            }
        }
    }

    fn may_hold_guards(&self) -> bool {
        // Elsewhere each signal ends its process, and the end of a guard is that of all that it has started.
        let has_keepers = T::GUARDS_HAVE_KEEPERS && matches!(self.bounds, Bounds::Tree(_));
        self.containment.is_some() || has_keepers
    }

    /// Returns whether a member is a guard.
    pub(super) fn holds_guards(&self) -> bool {
        self.living.iter().any(Member::is_guard)
    }

    /// Returns whether the root is a guard.
    pub(crate) fn is_contained(&self) -> bool {
        self.containment.is_some()
    }

    /// Returns whether the guard that contains the tree can be asked to kill all. It would not leave the excepted processes alone.
    pub(crate) fn can_ask_guard(&self) -> bool {
        self.containment.is_some() && self.can_ask()
    }

    fn can_ask(&self) -> bool {
        self.excepted.is_empty() && self.holds_guards()
    }

    /// Returns whether a guard was asked to kill all, and has not done so in time.
    pub(crate) fn is_unanswered(&self, now: Instant) -> bool {
        self.asked.is_some_and(|asked| now >= asked + ANSWER_TIMEOUT) && self.can_ask()
    }

    /// Asks each guard in a tree that is not contained to kill all that it has started, also what a search does not find. A guard
    /// that cannot be asked, or has not answered, gets SIGKILL, at which its keeper does that.
    pub(super) fn ask_guards(&mut self) {
        if !self.can_ask() {
            self.continue_keepers();
            return;
        }
        let now = T::now();
        let is_unanswered = self.is_unanswered(now);
        if is_unanswered || self.asked.is_none() {
            self.asked = Some(now);
        }
        for member in self.living.iter_mut().filter(|member| member.is_guard()) {
            let was_asked = member.ask_to_kill();
            if !member.is_keeper() && (is_unanswered || !was_asked) {
                member.pass(Signal::KILL);
            }
        }
    }

    /// Prepares for a signal that asks all members to exit by then. Guards are told. So a keeper does not ask the processes below it
    /// once more when its command exits, or its host: a program may take a second signal for a demand to exit at once. It would not
    /// ask the excepted processes, either. So it is not told of a signal that these do not get.
    pub(crate) fn begin_asking(&mut self, until: Option<Instant>) {
        if self.excepted.is_empty() {
            self.asked_until = until;
        }
        self.look_for_guards(0);
        if let Some(time) = self.asked_time() {
            self.living.iter_mut().for_each(|member| member.note_asked(time));
        }
    }

    /// Finds the guards among the members from that index on, also those that are starting.
    pub(super) fn look_for_guards(&mut self, from: usize) {
        if self.may_hold_guards() {
            self.living.iter_mut().skip(from).for_each(Member::look_for_guard_role);
        }
    }

    /// Returns how long the members have that were asked to exit, if guards are told of that.
    pub(super) fn asked_time(&self) -> Option<Duration> {
        self.asked_until.map(|until| until.saturating_duration_since(T::now()))
    }

    /// Continues the keepers that are stopped, so that they exit after the others. A guard without its keeper would kill all.
    pub(super) fn continue_keepers(&mut self) {
        self.living.iter_mut().for_each(Member::continue_keeper);
    }

    /// Asks the guard to kill all. If it cannot be asked it gets SIGKILL, at which its keeper does that. If that was in vain, each
    /// process gets SIGKILL. The keeper never does, and the guard does not once its keeper is over: the second of the two to go
    /// frees the others.
    pub(super) fn ask_guard(&mut self) {
        let now = T::now();
        let is_unanswered = self.is_unanswered(now);
        self.asked.get_or_insert(now);
        let mut was_asked = false;
        let is_last = self.is_keeper_over() && self.left() > 0;
        for member in self.living.iter_mut().filter(|member| member.is_guard()) {
            was_asked |= member.ask_to_kill();
        }
        for member in &mut self.living {
            let is_root = Arc::ptr_eq(&member.target, &self.root);
            if is_root && member.is_guard() && !is_last && (is_unanswered || !was_asked) {
                member.pass(Signal::KILL);
            }
            if !member.is_guard() && (is_unanswered || is_last && !was_asked) {
                member.send(Signal::KILL);
            }
        }
    }

    /// Sends the signals to the command of a guard. Before the scan has found that, the guard passes them on.
    pub(super) fn signal_command(&mut self, signals: &[Signal]) {
        let command = self.root.command();
        let Self { root, living, .. } = self;
        let is_found = living.iter().any(|member| Some(member.target.pid()) == command);
        // Where each signal ends its process, it would end the guard.
        let is_starting = T::CAN_STOP && !is_found && !signals.contains(&Signal::KILL);
        for member in living.iter_mut() {
            let is_root = Arc::ptr_eq(&member.target, root);
            if Some(member.target.pid()) == command || is_starting && is_root {
                for signal in with_continue::<T>(signals) {
                    member.pass(signal);
                }
            }
        }
    }

    /// Returns whether a member is waited for: a guard exits after the others, unless some are left alone, or may not be
    /// signalled.
    pub(super) fn is_waited_for(&self, member: &Member<T>) -> bool {
        !member.is_guard() || (self.excepted.is_empty() && !self.has_only_refused())
    }

    fn has_only_refused(&self) -> bool {
        let mut others = self.living.iter().filter(|member| !member.is_guard()).peekable();
        others.peek().is_some() && others.all(Member::is_not_permitted)
    }

    /// Returns how many members live, without the guard.
    pub(crate) fn left(&self) -> usize {
        self.living.iter().filter(|member| !member.is_guard()).count()
    }

    /// Looks for the keeper of a guard that had not started it before. After the guard's exit it cannot be found.
    pub(super) fn look_for_keeper(&mut self) {
        if self.containment.is_some() && self.root.may_be_alive() {
            self.has_seen_keeper |= self.root.keeper().is_some_and(|keeper| keeper.may_be_alive());
        }
    }

    /// Returns whether a guard and its keeper have exited, so that nothing is left of what they had started.
    pub(super) fn is_guard_over(&self) -> bool {
        matches!(self.containment, Some(Containment::Kernel | Containment::Reaper))
            && !self.root.may_leave_others()
            && self.excepted.is_empty()
            && !self.root.may_be_alive()
            && self.root.keeper().is_some_and(|keeper| self.has_left_nothing(keeper))
    }

    fn is_keeper_over(&self) -> bool {
        self.root.keeper().is_some_and(|keeper| !keeper.may_be_alive())
    }

    /// Returns whether the keeper has exited, and left nothing. One that is killed while it keeps what its command has left frees
    /// that, as the guard has exited before. Where the system does not tell how the keeper has exited, it was not killed if it has
    /// exited during the termination. The kernel ends a PID namespace with its keeper.
    fn has_left_nothing(&self, keeper: &T::Process) -> bool {
        let was_killed = || match keeper.exit() {
            Ok(Exit::Code(code)) => code != 0,
            Ok(Exit::Signal(_)) => true,
            Ok(Exit::Unknown) | Err(_) => !self.has_seen_keeper,
        };
        let frees_nothing = !self.root.keeps_leftovers() || self.containment == Some(Containment::Kernel);
        !keeper.may_be_alive() && (frees_nothing || !was_killed())
    }

    /// Returns the proof that the guard gives, if all is over: it exits after the last process that it has started.
    pub(super) fn proof_of_guard(&self, liveness: Liveness) -> Option<Proof> {
        let containment = self.containment?;
        // A search has to find what it has left alone.
        let is_proof = self.excepted.is_empty() && !self.root.may_leave_others();
        if !is_proof || liveness != Liveness::None || self.root.may_be_alive() {
            return None;
        }
        let is_over = if let Some(keeper) = self.root.keeper() {
            self.has_left_nothing(keeper)
        } else if let Some(is_over) = self.root.has_said_over() {
            is_over
        } else {
            // Only a guard that was killed exits before its keeper.
            let was_killed =
                matches!(self.root_exit, None | Some(Exit::Unknown | Exit::Signal(Signal::KILL)));
            !was_killed && !self.root.keeps_leftovers()
        };
        Some(if is_over { proof_of(containment) } else { Proof::BestEffort })
    }
}

/// Returns the proof that the exit of a guard gives.
const fn proof_of(containment: Containment) -> Proof {
    match containment {
        Containment::Kernel => Proof::Kernel,
        Containment::Reaper => Proof::Reaper,
        // What the guard may have missed is what a search may miss.
        Containment::Session => Proof::Session,
        Containment::SharedSession => Proof::Descendants,
    }
}
