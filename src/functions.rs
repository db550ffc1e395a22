//! Every function that JavaScript can call, and no decision: arguments in, what the core says out.
//!
//! Targets are known to JavaScript by a number, as plain functions that take one cost half of what class methods do.
//! An error of the core is returned, not thrown: the facade makes it into what users see. What is thrown is a panic.

#![allow(
    missing_docs,     // the facade's are what users read
    unreachable_pub,  // napi's macros want `pub`
    clippy::struct_excessive_bools,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss, // numbers of targets stay below 2^53
    clippy::needless_pass_by_value, // napi passes what it made
    clippy::must_use_candidate,
    clippy::trivially_copy_pass_by_ref,
    clippy::type_complexity, // an alias would stand in binding.d.ts, undefined
    clippy::unnecessary_wraps,
)]

use std::{panic, sync::Arc};

use napi::{
    bindgen_prelude::{Either, Env, FnArgs, Function, Object},
    sys,
};
use napi_derive::napi;

use killtarget::{Error, KillTarget, Method, Pid, Signal};

use crate::{
    completions::{Completions, Payload},
    convert::{reported, scope_of, verification},
    environment::{TARGETS, WAITS, is_delivered, key, opened, owner, with, with_queue},
    objects::{Capabilities, Failure, Identity, NamedSignal, ProcessInfo, Report, Request},
};

/// Runs once for each environment.
#[napi(module_exports)]
pub fn init(_exports: Object, env: Env) -> napi::Result<()> {
    panic::set_hook(Box::new(|_| {})); // a panic becomes an exception: printing it is up to whoever catches that
    killtarget::prepare();
    env.add_env_cleanup_hook(owner(&env), |owner| {
        // After the thread's own end there is nothing left to close.
        let _ = WAITS.try_with(|queues| queues.borrow_mut().iter_mut().for_each(|waits| waits.end_of(owner)));
        let _ = TARGETS.try_with(|targets| targets.borrow_mut().remove_all_of(owner));
    })?;
    Ok(())
}

/// Opens a target on the process that has the number now. The result is the target's number, whose lowest four bits
/// tell how the process is held: twice the index into `methods()`, and one more if that is race-free.
#[napi(catch_unwind)]
pub fn open(env: Env, pid: f64, allow_unverified: bool) -> Either<f64, Failure> {
    opened(
        &env,
        Pid::try_from(pid)
            .map_err(Error::from)
            .and_then(|pid| KillTarget::from_pid_with(pid, verification(allow_unverified))),
    )
}

/// Opens a target on the child of this process that has the number now.
#[napi(catch_unwind)]
pub fn open_child(env: Env, pid: f64, allow_unverified: bool) -> Either<f64, Failure> {
    opened(
        &env,
        Pid::try_from(pid)
            .map_err(Error::from)
            .and_then(|pid| KillTarget::from_child_pid(pid, verification(allow_unverified))),
    )
}

/// Opens a target on no process: one that is known to be over.
#[napi(catch_unwind)]
pub fn open_gone(env: Env, pid: f64) -> Either<f64, Failure> {
    opened(&env, Pid::try_from(pid).map(KillTarget::gone).map_err(Error::from))
}

/// True: delivered. False: gone.
#[napi(catch_unwind)]
pub fn signal(target: f64, number: f64) -> Either<bool, Failure> {
    with(target, |target| target.signal(Signal::try_from(number)?).map(is_delivered))
}

/// True: delivered. False: gone.
#[napi(catch_unwind)]
pub fn signal_group(target: f64, number: f64) -> Either<bool, Failure> {
    with(target, |target| target.signal_pg(Signal::try_from(number)?).map(is_delivered))
}

#[napi(catch_unwind)]
pub fn is_alive(target: f64) -> Either<bool, Failure> {
    with(target, |target| target.is_alive())
}

#[napi(catch_unwind)]
pub fn identity(target: f64) -> Either<Option<Identity>, Failure> {
    with(target, |target| {
        let identity = target.identity()?;
        Ok(identity.map(|killtarget::Identity { mark, settled }| Identity { mark, settled }))
    })
}

/// Another number for the same target, to be closed for itself.
#[napi(catch_unwind)]
pub fn share(env: Env, target: f64) -> Either<f64, Failure> {
    match with(target, |target| Ok(Arc::clone(target))) {
        Either::A(target) => opened(&env, Ok(target)),
        Either::B(failure) => Either::B(failure),
    }
}

/// Closes a target. Once more does nothing.
#[napi(catch_unwind)]
pub fn close(target: f64) {
    TARGETS.with_borrow_mut(|targets| targets.remove(key(target)));
}

/// Opens a queue: whom to call at the end of each of its waits, with the wait's number, the exit code, the signal. The
/// result is the queue's number. An environment may have several, one for each time that the JavaScript was loaded.
#[napi(catch_unwind)]
pub fn open_queue(
    env: Env,
    callback: Function<'_, FnArgs<(f64, Option<i32>, Option<i32>)>, ()>,
) -> napi::Result<f64> {
    let waits = Completions::new(owner(&env), &callback)?;
    Ok(WAITS.with_borrow_mut(|queues| {
        queues.push(waits);
        (queues.len() - 1) as f64
    }))
}

/// Waits for the end of a target, under a number of JavaScript's.
#[napi(catch_unwind)]
pub fn wait(queue: f64, target: f64, number: f64) -> Either<(), Failure> {
    with(target, |target| with_queue(queue, |waits| waits.add(number, target)).unwrap_or(Ok(())))
}

/// Whether `terminate` would be refused for whom it reaches.
#[napi(catch_unwind)]
pub fn check_protected(target: f64, scope: Option<String>) -> Either<(), Failure> {
    with(target, |target| killtarget::check_protected(target, scope_of(scope.as_deref())))
}

/// Ends what is asked for, under a number of JavaScript's. The report is to be fetched once it is told.
#[napi(catch_unwind)]
pub fn terminate(queue: f64, target: f64, number: f64, request: Request) -> Either<(), Failure> {
    with(target, |target| {
        let request = request.try_into()?;
        with_queue(queue, |waits| waits.terminate(number, target, request)).unwrap_or(Ok(()))
    })
}

/// The same, blocking.
#[napi(catch_unwind)]
pub fn terminate_sync(target: f64, request: Request) -> Either<Report, Failure> {
    // Not while the targets are borrowed: this takes long.
    match with(target, |target| Ok((Arc::clone(target), request.try_into()?))) {
        Either::A((target, request)) => reported(killtarget::terminate_sync(&target, request)),
        Either::B(failure) => Either::B(failure),
    }
}

/// Skips what is left of the graces.
#[napi(catch_unwind)]
pub fn force(queue: f64, number: f64) {
    with_queue(queue, |waits| waits.force(number));
}

/// Turns the graces of all that is being ended into SIGKILL.
#[napi(catch_unwind)]
pub fn flush() {
    killtarget::flush();
}

#[napi(catch_unwind)]
pub fn fetch_report(queue: f64, number: f64) -> Option<Either<Report, Failure>> {
    match with_queue(queue, |waits| waits.fetch(number)) {
        Some(Some(Payload::Report(report))) => Some(reported(report)),
        _ => None,
    }
}

/// Stops all in scope, or has it go on, under a number of JavaScript's. Those for whom it could not be done are to be
/// fetched once it is told.
#[napi(catch_unwind)]
pub fn suspend(
    queue: f64,
    target: f64,
    number: f64,
    scope: Option<String>,
    allow_self: bool,
    is_resumed: bool,
) -> Either<(), Failure> {
    with(target, |target| {
        let scope = scope_of(scope.as_deref());
        let suspend = |waits: &mut Completions| waits.suspend(number, target, scope, allow_self, is_resumed);
        with_queue(queue, suspend).unwrap_or(Ok(()))
    })
}

/// Signals the target and all that descend from it, under a number of JavaScript's. Those that may not be signalled are to be
/// fetched once it is told.
#[napi(catch_unwind)]
pub fn signal_descendants(queue: f64, target: f64, number: f64, signal: f64) -> Either<(), Failure> {
    with(target, |target| {
        let signal = Signal::try_from(signal)?;
        with_queue(queue, |waits| waits.signal_descendants(number, target, signal)).unwrap_or(Ok(()))
    })
}

/// Who descends from the target, parents first.
#[napi(catch_unwind)]
pub fn descendants(target: f64) -> Either<Vec<ProcessInfo>, Failure> {
    with(target, |target| Ok(killtarget::descendants(target)?.into_iter().map(ProcessInfo::from).collect()))
}

#[napi(catch_unwind)]
pub fn fetch_processes(queue: f64, number: f64) -> Option<Either<Vec<ProcessInfo>, Failure>> {
    match with_queue(queue, |waits| waits.fetch(number)) {
        Some(Some(Payload::Processes(Ok(processes)))) => {
            Some(Either::A(processes.into_iter().map(ProcessInfo::from).collect()))
        }
        Some(Some(Payload::Processes(Err(error)))) => Some(Either::B(error.into())),
        _ => None,
    }
}

/// Forgets a wait, be it over or not.
#[napi(catch_unwind)]
pub fn end_wait(queue: f64, number: f64) {
    with_queue(queue, |waits| waits.remove(number));
}

/// Whether the waits of a queue keep the event loop going.
#[napi(catch_unwind)]
#[allow(unsafe_code)] // napi's own `refer` wants the callback for itself alone, which the reactor shares
pub fn hold_open(env: Env, queue: f64, kind: bool) {
    let change = if kind { sys::napi_ref_threadsafe_function } else { sys::napi_unref_threadsafe_function };
    with_queue(queue, |waits| {
        waits.with_callback(|callback| {
            // SAFETY: this is the environment's own thread and the environment lives; the callback was made in it and is
            // not released while it is lent. Either call may be repeated.
            unsafe { change(env.raw(), callback) };
        });
    });
}

/// Every signal by every name.
#[napi(catch_unwind)]
pub fn signals() -> Vec<NamedSignal> {
    Signal::names().into_iter().map(|(name, number)| NamedSignal { name, number }).collect()
}

#[napi(catch_unwind)]
pub fn capabilities() -> Capabilities {
    let killtarget::Capabilities {
        pidfd,
        proc_signal,
        proc,
        group_signal,
        wait,
        info,
        exit_info,
        race_free,
        reason,
    } = killtarget::capabilities();
    Capabilities { pidfd, proc_signal, proc, group_signal, wait, info, exit_info, race_free, reason }
}

/// By what a target can be bound, in the order that the numbers of targets refer to.
#[napi(catch_unwind)]
pub fn methods() -> Vec<&'static str> {
    Method::ALL.map(Method::name).to_vec()
}

/// When it has been found next who is in scope, and before anyone of them is signalled: writes a line to the one pipe, by its
/// path, and reads from the other until that ends.
#[cfg(feature = "test-hooks")]
#[napi(catch_unwind)]
pub fn pause_when_found(found: String, go_on: String) {
    killtarget::test_hooks::when_found(Box::new(move || {
        let _ = std::fs::write(found, "\n").and_then(|()| std::fs::read(go_on));
    }));
}

/// A panic to order.
#[cfg(feature = "test-hooks")]
#[napi(catch_unwind)]
#[allow(clippy::panic)] // what it is for
pub fn panic_now(message: String) {
    panic!("{message}");
}
