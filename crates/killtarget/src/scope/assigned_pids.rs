//! The pids that the kernel assigns to processes, as they are seen or not.

use super::process_table::ProcessTable;
use crate::types::Pid;

/// The pids that the kernel had assigned right before a scan.
pub(super) struct AssignedPids {
    pub(super) last: Pid,
    /// The recent ones that no process had. `copy_process` in the kernel assigns the pid before others can see the process,
    /// so some may belong to forks in progress.
    unseen: Vec<Pid>,
}

impl AssignedPids {
    pub(super) fn read<T: ProcessTable>() -> Option<Self> {
        let last = T::last_pid()?;
        let unseen = T::recent_pids(last).into_iter().filter(|pid| !T::has_process(*pid)).collect();
        Some(Self { last, unseen })
    }

    /// Returns those that a process has by now, although no other pid was assigned: its fork was in progress.
    pub(super) fn appeared<T: ProcessTable>(&self) -> impl Iterator<Item = Pid> {
        self.unseen.iter().copied().filter(|pid| T::has_process(*pid))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        process::{Command, Stdio},
        time::{Duration, Instant},
    };

    use super::*;
    use crate::scope::kernel::Kernel;

    #[test]
    fn a_pid_that_was_assigned_a_moment_ago_and_has_no_process_is_unseen() {
        let is_unseen = || {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .arg("--list")
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            let pid = Pid::from_raw(child.id()).unwrap();
            let is_seen = AssignedPids::read::<Kernel>().is_none_or(|pids| !pids.unseen.contains(&pid));
            child.kill().unwrap();
            child.wait().unwrap();
            // Where the system does not tell the last pid there is nothing to check.
            is_seen && AssignedPids::read::<Kernel>().is_none_or(|pids| pids.unseen.contains(&pid))
        };
        // Others start processes at the same time.
        let end = Instant::now() + Duration::from_mins(2);
        assert!(std::iter::from_fn(|| (Instant::now() < end).then(is_unseen)).any(|is_unseen| is_unseen));
    }
}
