//! Which scope a call means, and whether it may be signalled.

use crate::{
    protection,
    target::KillTarget,
    types::{Error, Scope, Signal},
};

const DEFAULT_SCOPE: Scope = Scope::Tree;

/// Whether a call for this may be refused, as it stands now.
///
/// # Errors
/// [`Error::Protected`].
pub fn check_protected(target: &KillTarget, scope: Option<Scope>) -> Result<(), Error> {
    protection::check(target.pid(), scope.unwrap_or(DEFAULT_SCOPE))
}

/// The scope that is meant, if it may be and can be.
pub(crate) fn resolve(target: &KillTarget, scope: Option<Scope>, allow_self: bool) -> Result<Scope, Error> {
    let scope = scope.unwrap_or(DEFAULT_SCOPE);
    if !allow_self {
        protection::check(target.pid(), scope)?;
    }
    match scope {
        Scope::Group => match target.signal_group(Signal::PROBE) {
            Err(error) if !error.is_not_permitted() => Err(error),
            _ => Ok(scope),
        },
        Scope::Process | Scope::Tree => Ok(scope),
    }
}
