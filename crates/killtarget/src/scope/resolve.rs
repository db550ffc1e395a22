//! The scope of a call, and whether it may be signalled.

use std::sync::Arc;

use super::{
    excepted::Excepted,
    kernel::Kernel,
    process_table::{Process, ProcessTable},
};
use crate::{
    target::KillTarget,
    types::{Error, Scope, Signal},
};

const DEFAULT_SCOPE: Scope = Scope::Tree;

/// Checks that a termination of this scope would not be refused now.
///
/// # Errors
/// [`Error::Excepted`], [`Error::Protected`], [`Error::NotGroupLeader`]. `ENOSYS` if the group cannot be signalled
/// safely.
pub fn check_scope(
    target: &KillTarget,
    scope: Option<Scope>,
    allow_self: bool,
    except: &[Arc<KillTarget>],
) -> Result<(), Error> {
    resolve::<Kernel>(target, scope, allow_self, &Excepted::new(except)).map(drop)
}

fn check<T: ProcessTable>(
    target: &T::Process,
    scope: Scope,
    allow_self: bool,
    excepted: &Excepted<T>,
) -> Result<(), Error> {
    excepted.check(target)?;
    if allow_self {
        return Ok(());
    }
    T::check_protected(target.pid(), scope, &|pid| excepted.contains_protected(pid))
}

/// Returns the scope of a call, after the checks.
///
/// # Errors
/// [`Error::Excepted`], [`Error::Protected`], [`Error::NotGroupLeader`]. `ENOSYS` if the group cannot be signalled
/// safely.
pub(crate) fn resolve<T: ProcessTable>(
    target: &T::Process,
    scope: Option<Scope>,
    allow_self: bool,
    excepted: &Excepted<T>,
) -> Result<Scope, Error> {
    let scope = scope.unwrap_or(DEFAULT_SCOPE);
    check(target, scope, allow_self, excepted)?;
    match scope {
        Scope::Group => match target.signal_group(Signal::PROBE) {
            Err(error) if !error.is_not_permitted() => Err(error),
            _ => Ok(scope),
        },
        Scope::Process | Scope::Tree => Ok(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        simulation::{
            Leads, Scenario, Simulated, SimulatedProcess, Simulation, World, on_each_system, on_each_unix,
        },
        types::{Pid, ProtectedProcess},
    };

    #[test]
    fn the_caller_and_its_ancestors_and_pid_1_are_refused_unless_they_are_allowed() {
        fn check<S: Simulation>() {
            Scenario::<S>::new(Leads::Nothing);
            let (caller, shell) = World::with(|world| {
                let caller = world.get(world.caller);
                (caller.pid, world.get(caller.parent).pid)
            });
            for (pid, holds) in [
                (caller, ProtectedProcess::Caller),
                (shell, ProtectedProcess::Ancestor(shell)),
                (Pid::INIT, ProtectedProcess::Init),
            ] {
                let target = SimulatedProcess::<S>::open(pid);
                let resolved = |allow_self| {
                    resolve::<Simulated<S>>(&target, Some(Scope::Process), allow_self, &Excepted::none())
                };
                assert_eq!(resolved(false), Err(Error::Protected { pid, holds }));
                assert_eq!(resolved(true), Ok(Scope::Process));
            }
        }
        on_each_system!(check);
    }

    #[test]
    fn a_group_or_tree_that_holds_the_caller_is_refused() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Group);
            scenario.join_group(World::with(|world| world.caller), scenario.root);
            let (target, pid) = (scenario.open(), scenario.pid(scenario.root));
            let resolved = |scope| resolve::<Simulated<S>>(&target, Some(scope), false, &Excepted::none());
            let refusal = Err(Error::Protected { pid, holds: ProtectedProcess::Caller });
            assert_eq!(resolved(Scope::Group), refusal);
            assert_eq!(resolved(Scope::Tree), refusal);
            assert_eq!(resolved(Scope::Process), Ok(Scope::Process));
        }
        on_each_unix!(check);
    }

    #[test]
    fn a_target_that_is_itself_an_ancestor_is_named_before_the_caller_in_its_group() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let (caller, shell) = World::with(|world| (world.caller, world.get(world.caller).parent));
            scenario.join_group(shell, shell);
            scenario.join_group(caller, shell);
            let pid = scenario.pid(shell);
            let target = SimulatedProcess::<S>::open(pid);
            let resolved = resolve::<Simulated<S>>(&target, Some(Scope::Group), false, &Excepted::none());
            assert_eq!(resolved, Err(Error::Protected { pid, holds: ProtectedProcess::Ancestor(pid) }));
        }
        on_each_unix!(check);
    }

    #[test]
    fn the_group_of_a_process_that_leads_none_is_refused() {
        fn check<S: Simulation>() {
            let scenario = Scenario::<S>::new(Leads::Nothing);
            let resolved =
                resolve::<Simulated<S>>(&scenario.open(), Some(Scope::Group), false, &Excepted::none());
            assert_eq!(resolved, Err(Error::NotGroupLeader(scenario.pid(scenario.root))));
        }
        on_each_unix!(check);
    }
}
