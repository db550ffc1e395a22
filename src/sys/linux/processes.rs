//! Who there is.

use super::procfs;
use crate::pid::Pid;

/// The processes that can be seen.
pub(crate) struct Listing {
    pub(crate) pids: Vec<Pid>,
    /// Whether those are all that there are.
    pub(crate) is_complete: bool,
}

/// Every process of this PID namespace, as far as `/proc` shows them.
pub(crate) fn processes() -> Listing {
    let pids = if procfs::check().is_ok() { procfs::list().unwrap_or_default() } else { Vec::new() };
    // Pid 1 is always there, and root's as a rule: where it is hidden, others are, too (`hidepid`).
    let is_complete = pids.contains(&Pid::INIT);
    Listing { pids, is_complete }
}
