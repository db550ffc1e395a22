//! The processes on which the life of the command depends. The exit of one is the exit of the host.

use super::{
    refusal::Refusal,
    sys::{self, Process},
};
use crate::{arguments::Options, types::Identity};

pub(super) struct Hosts(Vec<Process>);

impl Hosts {
    /// Opens the hosts that the options name, or else the parent.
    ///
    /// # Errors
    /// [`Refusal`]: one of them has exited already, or cannot be watched.
    pub(super) fn open(options: &Options) -> Result<Self, Refusal> {
        if options.orphaned.is_none() {
            return Ok(Self(Vec::new()));
        }
        let mut named: Vec<Identity> = options.parents.into_iter().flatten().collect();
        if named.is_empty() {
            let pid = sys::parent_pid().ok_or_else(Refusal::host_is_gone)?;
            named.push(Identity { pid, start: None });
        }
        named.into_iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Process> {
        self.0.iter()
    }
}

/// Opens the host. Without a start time it must be older than this process, which a later process with its pid is not.
fn open(Identity { pid, start }: Identity) -> Result<Process, Refusal> {
    let host = Process::open(pid).map_err(|error| match error {
        error if error.is_no_process() => Refusal::host_is_gone(),
        error => Refusal::failed("host", "cannot be watched", Some(error)),
    })?;
    let created = host.creation_time();
    let is_same = match start {
        Some(start) => created == Some(start),
        None => created <= sys::own_creation_time(),
    };
    if is_same && !host.has_exited() { Ok(host) } else { Err(Refusal::host_is_gone()) }
}
