//! The protected processes: the caller, its ancestors and pid 1. A call for several processes must not signal
//! them.

use crate::{
    ancestors, sys,
    types::{Error, Pid, ProtectedProcess, Scope},
};

/// Refuses a scope that holds a protected process. If a tree holds one by descent, its root is an ancestor, and
/// so protected itself.
pub(crate) fn check(pid: Pid, scope: Scope) -> Result<(), Error> {
    check_among(processes(), pid, scope, sys::group_of, sys::session_of)
}

/// [`check`] with another process table.
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

/// Returns this process, pid 1, and the ancestors as far as they can be read.
pub(crate) fn processes() -> impl Iterator<Item = (Pid, ProtectedProcess)> {
    [(sys::own_pid(), ProtectedProcess::Caller), (Pid::INIT, ProtectedProcess::Init)]
        .into_iter()
        .chain(ancestors::own().into_iter().map(|ancestor| (ancestor, ProtectedProcess::Ancestor(ancestor))))
}
