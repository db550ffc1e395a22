//! The guarantees of `docs/tree.md`, for random trees.

use std::{env, sync::Arc};

use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestError, TestRng, TestRunner},
};

use super::{
    actions,
    case::{Case, adopt_root, cases, except, request, run_all, start},
    kernel::{Id, World},
    process::SimulatedProcess,
    system::{ForgottenForks, Linux, LinuxBefore69, MacOs, Simulation, System, UnverifiedPids, Windows},
    termination::terminate,
    truth::{Snapshot, ancestors_of, came_too_late, is_in_scope, left_stopped, may_have_escaped},
};
use crate::{
    scope::survivor::{Proof, Survivor},
    terminate::report::{Outcome, Termination},
    types::{Error, Exit},
};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Random cases, others each time.
fn hold<S: Simulation>() -> Result<(), TestError<Case>> {
    let cases = env::var("KILLTARGET_TEST_CASES").ok().and_then(|cases| cases.parse().ok());
    TestRunner::new(config(cases.unwrap_or(1_500))).run(&self::cases(), |case| check::<S>(&case))
}

/// The same cases each time, up to the first that fails. With this seed that comes soon.
fn is_found<S: Simulation>() -> bool {
    let config = ProptestConfig { max_shrink_iters: 0, ..config(30_000) };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[33; 32]);
    TestRunner::new_with_rng(config, rng).run(&cases(), |case| try_case::<S>(&case, false)).is_err()
}

#[test]
fn terminations_keep_their_guarantees_on_linux() {
    hold::<Linux>().unwrap();
}

#[test]
fn terminations_keep_their_guarantees_on_linux_before_6_9() {
    hold::<LinuxBefore69>().unwrap();
}

#[test]
fn terminations_keep_their_guarantees_on_macos() {
    hold::<MacOs>().unwrap();
}

#[test]
fn terminations_keep_their_guarantees_on_windows() {
    hold::<Windows>().unwrap();
}

/// On an emulated processor the cases are the same, and take minutes.
fn is_emulated() -> bool {
    env::var_os("QEMU_LD_PREFIX").is_some()
}

#[test]
fn the_properties_find_a_pid_that_is_not_verified() {
    assert!(is_emulated() || is_found::<UnverifiedPids>());
}

#[test]
fn the_properties_find_a_fork_that_is_forgotten() {
    assert!(is_emulated() || is_found::<ForgottenForks>());
}

/// Carries out a case. If it fails, once more to tell what has happened.
fn check<S: Simulation>(case: &Case) -> Result<(), TestCaseError> {
    try_case::<S>(case, false).map_err(|error| {
        let _ = try_case::<S>(case, true);
        let trace = World::with(|world| world.trace.take()).unwrap_or_default();
        TestCaseError::fail(format!("{error}\n{trace}"))
    })
}

fn try_case<S: Simulation>(case: &Case, is_traced: bool) -> Result<(), TestCaseError> {
    World::begin(S::SYSTEM, actions::act);
    World::with(|world| world.trace = is_traced.then(String::new));
    let root = start(case);
    let pid = World::with(|world| world.get(root).pid);
    run_all(&case.before);
    let target = Arc::new(SimulatedProcess::<S>::open(pid));
    run_all(&case.between);
    // A target that was opened too late is another process, with a group that other processes have made.
    if target.id().is_some_and(|id| id != root) {
        return Ok(());
    }
    World::with(|world| {
        adopt_root(world, root);
        // Without a group handle nothing proves the group of a root that made it since the last scan and was reaped.
        world.is_root_settled = S::SYSTEM != System::Linux;
    });
    let except = except(case).map(|id| World::with(|world| world.get(id).pid));
    let except = except.map(|pid| Arc::new(SimulatedProcess::<S>::open(pid)));
    World::with(|world| world.actions = case.during.iter().copied().collect());
    let before = Snapshot::take();
    World::with(|world| world.note(|| "the call".to_owned()));
    let report = terminate(&target, request(case, except.into_iter().collect()));
    let violations = World::with(|world| world.violations.clone());
    prop_assert!(violations.is_empty(), "{violations:?}");
    let Some(report) = report else { return Err(TestCaseError::fail("it does not end")) };
    let stopped = World::with(|world| left_stopped(world));
    prop_assert!(stopped.is_empty(), "left stopped: {stopped:?}");
    match report {
        Ok(report) if target.id().is_some() => check_report(case, &before, &report),
        Ok(report) => {
            prop_assert_eq!(report.outcome, Outcome::Gone);
            Ok(())
        }
        Err(Error::Internal) => Err(TestCaseError::fail("it was given up")),
        Err(_) => Ok(()),
    }
}

fn check_report(case: &Case, before: &Snapshot, report: &Termination) -> Result<(), TestCaseError> {
    World::with(|world| {
        let is_named =
            |id: Id| report.survivors.iter().any(|Survivor { process, .. }| process.pid == world.get(id).pid);
        // A survivor goes on, and may have forked since it was named.
        let is_of_survivor = |id: Id| !case.during.is_empty() && ancestors_of(world, id).any(is_named);
        let is_silent = |id: &Id| {
            is_in_scope(world, case.scope, *id)
                && !is_named(*id)
                && !is_of_survivor(*id)
                && !came_too_late(world, case.scope, *id)
                && !world.is_excepted(*id)
        };
        let silent: Vec<_> = world.ids().filter(is_silent).collect();
        let root = world.get(world.root);
        if report.outcome != Outcome::Survived {
            prop_assert!(report.survivors.is_empty());
            prop_assert!(!root.is_alive(), "the root lives: {report:?}");
        }
        if report.outcome == Outcome::Survived && report.survivors.is_empty() {
            prop_assert_eq!(report.proof, Proof::BestEffort);
        }
        // A survivor may have exited since it was named.
        let is_named_alive = root.is_alive() || !case.during.is_empty() && is_named(world.root);
        prop_assert!(if report.exit.is_none() { is_named_alive } else { !root.is_alive() }, "{report:?}");
        if report.outcome == Outcome::Gone {
            prop_assert_eq!(report.ended, 0);
        }
        prop_assert!(!matches!(report.exit, Some(Exit::Code(code)) if code != 7 && code != 0));
        for id in silent {
            prop_assert!(
                may_have_escaped(world, case, before, report.proof, id),
                "{:?} rules out the silent survivor {id}: {:?}, of {:?}",
                report.proof,
                world.get(id),
                report
            );
        }
        Ok(())
    })
}
