//! What a report says of the processes in scope: how the root ended, how many did, and how sure that is.

use std::sync::Arc;

use super::{
    liveness::Liveness,
    members::{Bounds, Members},
    process_table::{Process, ProcessTable},
    scan::ScanSummary,
    survivor::Proof,
};
use crate::{
    sys::Visibility,
    types::{Exit, Method},
};

impl<T: ProcessTable> Members<T> {
    /// Whether nothing was sent by number.
    pub(crate) fn race_free(&self) -> bool {
        self.race_free
    }

    /// Whether SIGKILL was sent to anyone who lived.
    pub(crate) fn sent_sigkill(&self) -> bool {
        self.sent_sigkill
    }

    pub(crate) fn proof(&self) -> Proof {
        let ScanSummary { visibility, has_gaps, ref unverified, protected, .. } = self.summary;
        let saw_all = visibility == Visibility::All && unverified.is_empty() && protected.is_none();
        let is_empty = self.living.is_empty() && self.unseen_liveness() == Liveness::None;
        match &self.bounds {
            _ if self.root.method() == Method::Pid => Proof::BestEffort,
            Bounds::Process => Proof::Process,
            Bounds::Group if saw_all && (is_empty || !self.living.is_empty() && !has_gaps) => Proof::Group,
            // Of one that was over before it was a target nothing is known.
            Bounds::Tree(_) if self.root.method() == Method::Gone => Proof::BestEffort,
            Bounds::Tree(tree) if saw_all && (is_empty || !self.living.is_empty()) && !has_gaps => {
                tree.proof()
            }
            _ => Proof::BestEffort,
        }
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended
    }

    /// How the root has ended. `None`: it lives.
    pub(crate) fn root_exit(&mut self) -> Option<Exit> {
        if !self.root.may_be_alive() {
            let exit = self.root.exit().unwrap_or(Exit::Unknown);
            self.record_root_exit(exit);
        }
        self.root_exit
    }

    /// Takes note of how the root has ended.
    pub(crate) fn record_root_exit(&mut self, exit: Exit) {
        if self.root_exit.is_none_or(|known| known == Exit::Unknown) {
            self.root_exit = Some(exit);
        }
    }

    /// Counts the root among those that have ended, where it did so before it was found.
    pub(crate) fn count_exited_root(&mut self) {
        if !self.root.may_be_alive()
            && !self.living.iter().any(|member| Arc::ptr_eq(&member.target, &self.root))
        {
            self.ended += 1;
        }
    }
}
