//! The processes on which the life of the command depends. The exit of one is the exit of the host.

use std::os::fd::BorrowedFd;

use super::host::{Host, NoHost};
use crate::{
    arguments::Options,
    sys,
    types::{Identity, MAX_HOSTS},
};

pub(crate) struct Hosts([Option<Host>; MAX_HOSTS]);

impl Hosts {
    const NONE: Self = Self([const { None }; MAX_HOSTS]);

    /// Opens the hosts that the options name, or else the parent.
    ///
    /// # Errors
    /// One of them has exited already, or the system does not tell.
    pub(crate) fn open(options: &Options) -> Result<Self, NoHost> {
        let mut hosts = Self::NONE;
        if options.orphaned.is_none() {
            return Ok(hosts);
        }
        let parent = sys::parent_pid();
        let mut named = options.parents;
        if named == [None; MAX_HOSTS] {
            named[0] = Some(Identity { pid: parent, start: None });
        }
        for (host, named) in hosts.0.iter_mut().zip(named) {
            *host = named.map(|named| Host::open(named, parent)).transpose()?;
        }
        Ok(hosts)
    }

    /// The hosts as the keeper watches them.
    pub(crate) fn of_keeper(self, is_in_namespace: bool) -> Self {
        Self(self.0.map(|host| host.and_then(|host| host.of_keeper(is_in_namespace))))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Host> {
        self.0.iter().flatten()
    }

    /// The descriptors that are readable once a host has exited.
    pub(crate) fn as_fds(&self) -> [Option<BorrowedFd<'_>>; MAX_HOSTS] {
        self.0.each_ref().map(|host| host.as_ref().and_then(Host::as_fd))
    }

    /// Watches none any more: what one exit calls for is done.
    pub(crate) fn close(&mut self) {
        *self = Self::NONE;
    }
}
