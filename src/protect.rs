//! Whom a call that reaches more than one process must not reach: the caller, its ancestors, pid 1.

use crate::{
    error::{Error, Kin},
    identity::Verification,
    pid::Pid,
    scope::Scope,
    sys::{self, Handle},
};

/// Longer than any real line of ancestors, so that a wrong reading can't go round for ever.
const MOST_ANCESTORS: usize = 4096;

/// Refuses a target that is one of them, or whose scope holds one. A tree that does has one at its root.
pub(crate) fn check(pid: Pid, scope: Scope) -> Result<(), Error> {
    let is_in_scope =
        |member: Pid| member == pid || (scope != Scope::Process && sys::group_of(member) == Some(pid));
    match kin().find(|(member, _)| is_in_scope(*member)) {
        Some((_, holds)) => Err(Error::Protected { pid, holds }),
        None => Ok(()),
    }
}

/// This process, pid 1, and the line of ancestors as far as it can be read.
fn kin() -> impl Iterator<Item = (Pid, Kin)> {
    let me = sys::own_pid();
    let ancestors = std::iter::successors(sys::own_parent(), |pid| parent_of(*pid)).take(MOST_ANCESTORS);
    [(me, Kin::Caller), (Pid::INIT, Kin::Init)]
        .into_iter()
        .chain(ancestors.map(|ancestor| (ancestor, Kin::Ancestor(ancestor))))
}

/// A line that can't be read on ends there.
fn parent_of(pid: Pid) -> Option<Pid> {
    Handle::open(pid, Verification::Required).ok()??.parent().ok()?
}
