//! The scope of a call, and whether it may be signalled.

use super::{
    kernel::Kernel,
    process_table::{Process, ProcessTable},
};
use crate::{
    target::KillTarget,
    types::{Error, Scope, Signal},
};

const DEFAULT_SCOPE: Scope = Scope::Tree;

/// Checks that no protected process is in this scope now.
///
/// # Errors
/// [`Error::Protected`].
pub fn check_protected(target: &KillTarget, scope: Option<Scope>) -> Result<(), Error> {
    Kernel::check_protected(target.pid(), scope.unwrap_or(DEFAULT_SCOPE))
}

/// Returns the scope of a call, after the checks.
///
/// # Errors
/// [`Error::Protected`], [`Error::NotGroupLeader`]. `ENOSYS` if the group cannot be signalled safely.
pub(crate) fn resolve<T: ProcessTable>(
    target: &T::Process,
    scope: Option<Scope>,
    allow_self: bool,
) -> Result<Scope, Error> {
    let scope = scope.unwrap_or(DEFAULT_SCOPE);
    if !allow_self {
        T::check_protected(target.pid(), scope)?;
    }
    match scope {
        Scope::Group => match target.signal_group(Signal::PROBE) {
            Err(error) if !error.is_not_permitted() => Err(error),
            _ => Ok(scope),
        },
        Scope::Process | Scope::Tree => Ok(scope),
    }
}
