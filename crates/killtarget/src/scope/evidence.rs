//! What a report says of the members: how the root exited, how many exited, and how certain that is.

use std::sync::Arc;

use super::{
    bounds::Bounds,
    liveness::Liveness,
    members::Members,
    process_table::{Process, ProcessTable},
    scan::ScanSummary,
    survivor::Proof,
};
use crate::{
    sys::Visibility,
    types::{Exit, Method},
};

impl<T: ProcessTable> Members<T> {
    /// Returns whether every signal went through a handle.
    pub(crate) fn race_free(&self) -> bool {
        self.race_free
    }

    /// Returns whether SIGKILL was sent to a living member.
    pub(crate) fn sent_sigkill(&self) -> bool {
        self.sent_sigkill
    }

    pub(crate) fn proof(&self) -> Proof {
        self.proof_by(self.liveness())
    }

    /// Returns the proof that goes with a liveness. The kernel may answer differently when it is asked again.
    pub(crate) fn proof_by(&self, liveness: Liveness) -> Proof {
        if let Some(proof) = self.proof_of_guard(liveness) {
            return proof;
        }
        let ScanSummary { visibility, has_gaps, ref unverified, protected, .. } = self.summary;
        let has_seen_all = visibility == Visibility::All && unverified.is_empty() && protected.is_none();
        let is_empty = liveness == Liveness::None;
        match &self.bounds {
            _ if self.root.method() == Method::Pid || self.has_sent_with_gap => Proof::BestEffort,
            Bounds::Process => Proof::Process,
            // The process had exited before it was opened, so nothing is known of what it has led.
            _ if self.root.method() == Method::Gone && !self.root.has_member() => Proof::BestEffort,
            Bounds::Group if has_seen_all && (is_empty || !self.living.is_empty() && !has_gaps) => {
                Proof::Group
            }
            Bounds::Tree(tree) if has_seen_all && (is_empty || !self.living.is_empty()) && !has_gaps => {
                tree.proof()
            }
            _ => Proof::BestEffort,
        }
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended
    }

    /// Returns how the root exited, or `None` if it is alive.
    pub(crate) fn root_exit(&mut self) -> Option<Exit> {
        if !self.root.may_be_alive() {
            let exit = self.root.exit().unwrap_or(Exit::Unknown);
            self.record_root_exit(exit);
        }
        self.root_exit
    }

    /// The same for a report. A root that is among the living for it exits a moment later.
    pub(crate) fn root_exit_for_report(&mut self) -> Option<Exit> {
        let is_living = self.living.iter().any(|member| Arc::ptr_eq(&member.target, &self.root));
        if is_living { None } else { self.root_exit() }
    }

    /// Records how the root exited.
    pub(crate) fn record_root_exit(&mut self, exit: Exit) {
        if self.root_exit.is_none_or(|known| known == Exit::Unknown) {
            self.root_exit = Some(exit);
        }
    }

    /// Counts the root as exited, if it exited between the request and the first scan.
    pub(crate) fn count_exited_root(&mut self) {
        if !self.root.may_be_alive()
            && !self.living.iter().any(|member| Arc::ptr_eq(&member.target, &self.root))
        {
            self.ended += 1;
        }
    }
}
