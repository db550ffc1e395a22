//! What a process that has exited has left behind.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    scope::{excepted::Excepted, members::Members},
    target::KillTarget,
    types::Scope,
};

/// Returns whether a process that has exited has left others in scope that are not excepted. Returns `None` if two
/// scans within a time limit cannot tell, as where processes start and exit during them. The thread that asks may be one that must
/// not block for long.
#[must_use]
pub fn has_leftovers(
    target: &Arc<KillTarget>,
    scope: Option<Scope>,
    except: &[Arc<KillTarget>],
    limit: Duration,
) -> Option<bool> {
    let scope = scope.unwrap_or(Scope::Tree);
    let mut members: Members = Members::leaving_alone(Excepted::new(except), target, scope, true);
    members.find_leftovers(Instant::now() + limit)
}
