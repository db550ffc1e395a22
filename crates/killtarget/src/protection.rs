//! Whom a call that reaches more than one process must not reach: the caller, its ancestors, pid 1.

use crate::{
    ancestors, sys,
    types::{Error, Pid, ProtectedProcess, Scope},
};

/// Refuses a target that is one of them, or whose scope holds one. A tree that does has one at its root.
pub(crate) fn check(pid: Pid, scope: Scope) -> Result<(), Error> {
    check_among(processes(), pid, scope, sys::group_of, sys::session_of)
}

/// [`check`], where the processes are listed and looked up in another way.
pub(crate) fn check_among(
    processes: impl IntoIterator<Item = (Pid, ProtectedProcess)>,
    pid: Pid,
    scope: Scope,
    group_of: impl Fn(Pid) -> Option<Pid>,
    session_of: impl Fn(Pid) -> Option<Pid>,
) -> Result<(), Error> {
    let is_in_scope = |member: Pid| {
        member == pid
            || (scope != Scope::Process && group_of(member) == Some(pid))
            || (scope == Scope::Tree && session_of(member) == Some(pid))
    };
    match processes.into_iter().find(|(member, _)| is_in_scope(*member)) {
        Some((_, holds)) => Err(Error::Protected { pid, holds }),
        None => Ok(()),
    }
}

/// This process, pid 1, and the line of ancestors as far as it can be read.
pub(crate) fn processes() -> impl Iterator<Item = (Pid, ProtectedProcess)> {
    [(sys::own_pid(), ProtectedProcess::Caller), (Pid::INIT, ProtectedProcess::Init)]
        .into_iter()
        .chain(ancestors::own().into_iter().map(|ancestor| (ancestor, ProtectedProcess::Ancestor(ancestor))))
}
