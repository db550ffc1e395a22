//! Who there is, and in which process group.

use std::collections::HashMap;

use nix::unistd::geteuid;

use super::{
    call::{self, Grouped},
    procfs,
};
use crate::pid::Pid;

/// Which processes can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    All,
    /// Others may be hidden, who are other users' as a rule.
    Own,
    None,
}

/// The processes of this PID namespace at one moment.
pub(crate) struct Listing {
    by_group: HashMap<Pid, Vec<Pid>>,
    pub(crate) sight: Sight,
    /// Whether somebody was there who was gone when it was looked where: somebody else may have come in his place.
    pub(crate) has_gaps: bool,
}

impl Listing {
    /// Looks through all of `/proc`.
    pub(crate) fn take() -> Self {
        let pids = if procfs::check().is_ok() { procfs::list().unwrap_or_default() } else { Vec::new() };
        let sight = match () {
            () if pids.is_empty() => Sight::None,
            // Pid 1 is always there; whether it is shown depends on whose it is.
            () if !pids.contains(&Pid::INIT) => Sight::Own,
            () if !geteuid().is_root() && procfs::hides_processes() => Sight::Own,
            () => Sight::All,
        };
        let mut listing = Self { by_group: HashMap::new(), sight, has_gaps: false };
        // Twice, so that those who change places with each other meanwhile are not both overlooked.
        let first: Vec<_> = pids.iter().map(|pid| call::grouped(*pid)).collect();
        for (pid, before) in pids.into_iter().zip(first) {
            let now = call::grouped(pid);
            listing.has_gaps |= now != before || now == Grouped::Gone;
            if let Grouped::In(group) = now {
                listing.by_group.entry(group).or_default().push(pid);
            }
        }
        listing
    }

    /// Those that were in the group when that was looked at. By now they may be anywhere.
    pub(crate) fn group(&self, group: Pid) -> &[Pid] {
        self.by_group.get(&group).map_or(&[], Vec::as_slice)
    }
}
