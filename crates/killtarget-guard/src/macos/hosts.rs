//! The processes on which the life of the command depends. The exit of one is the exit of the host.

use crate::{
    arguments::Options,
    sys::{self, Queue},
    types::{Identity, MAX_HOSTS},
};

/// The hosts that are watched, by their pids.
pub(crate) struct Hosts([Option<i32>; MAX_HOSTS]);

/// One of the hosts has exited already.
#[derive(Debug)]
pub(crate) struct HostIsGone;

impl Hosts {
    /// Returns no hosts: nothing depends on their exit.
    pub(crate) const fn none() -> Self {
        Self([None; MAX_HOSTS])
    }

    /// Watches the hosts that the options name, or else the parent. `parent`: the pid of the guard's parent.
    ///
    /// # Errors
    /// [`HostIsGone`]
    pub(crate) fn watch(options: &Options, parent: i32, queue: &Queue) -> Result<Self, HostIsGone> {
        if options.orphaned.is_none() {
            return Ok(Self::none());
        }
        let mut named = options.parents;
        if named == [None; MAX_HOSTS] {
            named[0] = Some(Identity { pid: parent, start: None });
        }
        for host in named.into_iter().flatten() {
            // It fails for want of memory, too. Then the host counts as gone: a command that outlives it is worse.
            if queue.watch_exit(host.pid).is_err() || !is_same(host, parent) {
                return Err(HostIsGone);
            }
        }
        Ok(Self(named.map(|host| host.map(|host| host.pid))))
    }

    /// Returns whether it is the pid of a host.
    pub(crate) fn has(&self, pid: i32) -> bool {
        self.0.contains(&Some(pid))
    }
}

/// Returns whether the process with the pid is the one that was named, and runs. Asked once its exit is watched.
fn is_same(Identity { pid, start }: Identity, parent: i32) -> bool {
    let Some(process) = sys::process(pid).filter(|process| !process.has_exited) else { return false };
    match (start, sys::start_of(process.pid)) {
        (Some(start), Some(now)) => start == now,
        (None, _) => true,
        // The kernel does not tell the start of another user's process. The parent is certain.
        (Some(_), None) => pid == parent,
    }
}
