//! The protected processes: the caller, its ancestors and pid 1. A call for several processes must not signal
//! them.

use crate::{
    ancestors, sys,
    types::{Error, Pid, ProtectedProcess, Scope},
};

/// Refuses a scope that holds a protected process that is not left alone, or that may hold one, as its group or session
/// cannot be read. If a tree holds one by descent, its root is an ancestor, and so protected itself.
pub(crate) fn check(pid: Pid, scope: Scope, is_left_alone: &dyn Fn(Pid) -> bool) -> Result<(), Error> {
    let protected = processes().filter(|(member, _)| !is_left_alone(*member));
    check_among(protected, pid, scope, sys::may_be_in_group, sys::may_be_in_session)
}

/// [`check`] with another process table. The functions take a process and an id.
pub(crate) fn check_among(
    processes: impl IntoIterator<Item = (Pid, ProtectedProcess)>,
    pid: Pid,
    scope: Scope,
    may_be_in_group: impl Fn(Pid, Pid) -> bool,
    may_be_in_session: impl Fn(Pid, Pid) -> bool,
) -> Result<(), Error> {
    let is_in_scope = |member: Pid| {
        member == pid
            || (scope != Scope::Process && may_be_in_group(member, pid))
            || (scope == Scope::Tree && may_be_in_session(member, pid))
    };
    let mut found = Ok(());
    for (member, holds) in processes.into_iter().filter(|(member, _)| is_in_scope(*member)) {
        let refusal = Err(Error::Protected { pid, holds });
        // If the target itself is protected, no smaller scope helps, and the error says so.
        if member == pid {
            return refusal;
        }
        found = found.and(refusal);
    }
    found
}

/// Returns this process, pid 1, and the ancestors as far as they can be read.
pub(crate) fn processes() -> impl Iterator<Item = (Pid, ProtectedProcess)> {
    [(sys::own_pid(), ProtectedProcess::Caller), (Pid::INIT, ProtectedProcess::Init)]
        .into_iter()
        .chain(ancestors::own().into_iter().map(|ancestor| (ancestor, ProtectedProcess::Ancestor(ancestor))))
}
