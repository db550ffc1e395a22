//! Whether any process in scope is alive.

use super::{
    member::Member,
    members::{Bounds, Members},
    process_table::{Process, ProcessTable},
    scan::ScanSummary,
    survivor::{Reason, Survivor},
};
use crate::{
    sys::{RunState, Visibility},
    types::{Delivery, Error, ProcessInfo, Signal},
};

/// Who in scope lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Liveness {
    None,
    /// Those only that may not be signalled: nothing is to be waited for.
    NotPermitted,
    /// Those only of whom it can't be told whether they are in scope. They are not signalled; but who was and is just ending
    /// looks like that too, where nothing proves any more that he was.
    Unverified,
    Alive,
}

impl<T: ProcessTable> Members<T> {
    /// Lets go of those that are over. True: there were any.
    pub(crate) fn refresh(&mut self) -> bool {
        let exited = self.living.extract_if(.., |member| !member.target.may_be_alive());
        let exited: Vec<_> = exited.map(|member| (member.target.pid(), member.target)).collect();
        self.ended += exited.len();
        let has_exited = !exited.is_empty();
        if has_exited {
            self.root_exit();
        }
        self.exited.extend(exited);
        has_exited
    }

    pub(crate) fn liveness(&self) -> Liveness {
        if self.living.iter().any(|member| !member.is_not_permitted()) {
            Liveness::Alive
        } else if !self.living.is_empty() {
            Liveness::NotPermitted
        } else if !self.summary.unverified.is_empty() {
            Liveness::Unverified
        } else {
            self.unseen_liveness()
        }
    }

    /// Whether nobody is seen, and those that the kernel speaks of may all have been over before: another look tells.
    pub(crate) fn needs_rescan(&self) -> bool {
        self.summary.unverified.is_empty()
            && self.summary.has_gaps
            && self.summary.visibility != Visibility::None
    }

    /// A group of which nobody is seen may still have members: hidden ones, or such that fork and exit faster than one can
    /// look. The kernel knows whether it has any; but a zombie is one, too.
    pub(super) fn unseen_liveness(&self) -> Liveness {
        if self.has_only_zombies() { Liveness::None } else { self.kernel_liveness() }
    }

    /// Whether the group can't have members but those that are over, though the kernel says that it has some.
    fn has_only_zombies(&self) -> bool {
        let ScanSummary { visibility, has_gaps, zombies, .. } = self.summary;
        match visibility {
            // Who may not be seen may not be signalled, as a rule: he is not waited for.
            Visibility::All | Visibility::Own => zombies > 0 && (!has_gaps || self.group_killed),
            Visibility::None => self.group_killed,
        }
    }

    /// What the kernel says of the group, zombies and all; and what can't be known of a tree in which they come and go.
    pub(crate) fn kernel_liveness(&self) -> Liveness {
        let group_liveness = self.group_liveness();
        match self.bounds {
            Bounds::Tree(_) if group_liveness == Liveness::None && self.summary.has_gaps => {
                Liveness::Unverified
            }
            _ => group_liveness,
        }
    }

    fn group_liveness(&self) -> Liveness {
        if !self.has_group() {
            return Liveness::None;
        }
        match self.root.signal_group(Signal::PROBE) {
            Ok(Delivery::Delivered) => Liveness::Alive,
            Ok(Delivery::Gone) | Err(Error::NotGroupLeader(_)) => Liveness::None,
            Err(error) if error.is_not_permitted() => Liveness::NotPermitted,
            // Some group has the number, and nothing tells any more whether that is its own.
            Err(_) => Liveness::Unverified,
        }
    }

    /// Those whose ends are to be told. Once all were sent SIGKILL one of them is enough at a time: what counts is when the
    /// last is over.
    pub(crate) fn awaited(&mut self) -> impl Iterator<Item = &mut Member<T>> {
        let last = self.living.len().saturating_sub(1);
        let (root, all_sent_sigkill) = (self.root.pid(), self.all_sent_sigkill());
        let is_awaited = move |place: usize, member: &Member<T>| {
            !all_sent_sigkill || place == last || member.target.pid() == root
        };
        let members = self.living.iter_mut().enumerate();
        members.filter_map(move |(place, member)| is_awaited(place, member).then_some(member))
    }

    /// Those that could not be stopped.
    pub(crate) fn unstopped(&self) -> Vec<ProcessInfo> {
        let unstopped = self
            .living
            .iter()
            .filter(|member| member.is_not_permitted() || member.run_state() != RunState::Stopped);
        unstopped.map(|member| member.target.info()).chain(self.summary.unverified.iter().cloned()).collect()
    }

    /// Those that live on, and why.
    pub(crate) fn survivors(&self) -> Vec<Survivor> {
        let living = self.living.iter().map(|member| member.survivor(self.sent_sigkill));
        let unverified = self.summary.unverified.iter().cloned();
        living.chain(unverified.map(|process| Survivor { process, reason: Reason::Unverified })).collect()
    }
}
