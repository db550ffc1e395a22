//! The functions that JavaScript can call. Each converts its arguments, calls the core and converts the result.
//!
//! JavaScript holds a target by a number: a call of a plain function costs half of a method call. An error of the core is
//! returned as a value, and the TypeScript API throws it. Only a panic is thrown from here.

#![allow(
    missing_docs,     // users read the docs of the TypeScript API
    unreachable_pub,  // the macros of napi need `pub`
    clippy::struct_excessive_bools,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss, // a handle stays below 2^53
    clippy::needless_pass_by_value, // napi passes owned values
    clippy::must_use_candidate,
    clippy::trivially_copy_pass_by_ref,
    clippy::type_complexity, // binding.d.ts would name the alias but not define it
    clippy::unnecessary_wraps,
)]

use std::{panic, sync::Arc, time::Duration};

use napi::{
    bindgen_prelude::{Either, Env, FnArgs, Function, Object},
    sys,
};
use napi_derive::napi;

use killtarget::{Containment, Error, Signal};

use crate::{
    completions::{Completions, Payload},
    convert::{duration, processes, report_or_failure, scope_of},
    environment::{QUEUES, TARGETS, is_delivered, key, owner, store, targets_of, with_queue, with_target},
    objects::{Failure, Identity, ProcessInfo, Report, Request},
};

/// Runs once for each environment.
#[napi(module_exports)]
pub fn init(_exports: Object, env: Env) -> napi::Result<()> {
    panic::set_hook(Box::new(|_| {})); // a panic becomes an exception, so it is not printed here
    killtarget::prepare();
    env.add_env_cleanup_hook(owner(&env), |owner| {
        // `try_with` fails after the thread's locals were dropped: then everything is closed already.
        let close = |queue: &mut Completions| queue.close_if_owned_by(owner);
        let _ = QUEUES.try_with(|queues| queues.borrow_mut().iter_mut().for_each(close));
        let _ = TARGETS.try_with(|targets| targets.borrow_mut().remove_all_of(owner));
    })?;
    Ok(())
}

/// Returns true if the signal was delivered, false if the target is gone.
#[napi(catch_unwind)]
pub fn signal(target: f64, number: f64) -> Either<bool, Failure> {
    with_target(target, |target| target.signal(Signal::try_from(number)?).map(is_delivered))
}

/// Returns true if the signal was delivered, false if the target is gone.
#[napi(catch_unwind)]
pub fn signal_group(target: f64, number: f64) -> Either<bool, Failure> {
    with_target(target, |target| target.signal_pg(Signal::try_from(number)?).map(is_delivered))
}

#[napi(catch_unwind)]
pub fn is_alive(target: f64) -> Either<bool, Failure> {
    with_target(target, |target| target.is_alive())
}

/// Returns what identifies the process after its handle was closed, or `None` if it has been reaped.
#[napi(catch_unwind)]
pub fn identity(target: f64) -> Either<Option<Identity>, Failure> {
    with_target(target, |target| {
        let identity = target.identity()?;
        Ok(identity.map(|killtarget::Identity { mark, settled }| Identity { mark, settled }))
    })
}

/// Returns a token of the process, by which a later program can open it, or `None` if it has been reaped.
#[napi(catch_unwind)]
pub fn token(target: f64) -> Either<Option<String>, Failure> {
    with_target(target, |target| Ok(target.token()?.map(|token| token.to_string())))
}

/// Returns the facts about the process of a target, or `None` if it has been reaped.
#[napi(catch_unwind)]
pub fn info(target: f64) -> Either<Option<ProcessInfo>, Failure> {
    with_target(target, |target| Ok(target.info().map(ProcessInfo::from)))
}

/// Returns what contains the command of a guard, or `None` if the process is no guard.
#[napi(catch_unwind)]
pub fn containment(target: f64) -> Either<Option<&'static str>, Failure> {
    with_target(target, |target| Ok(target.containment().map(Containment::name)))
}

/// Returns the pid of the command of a guard, or `None` if the guard has not started it yet, or has reaped it.
#[napi(catch_unwind)]
pub fn command(target: f64) -> Either<Option<i32>, Failure> {
    with_target(target, |target| Ok(target.command().map(killtarget::Pid::as_raw)))
}

/// Returns whether the keeper of a guard is known. Returns `None` if the process is no guard of which the keeper goes on.
#[napi(catch_unwind)]
pub fn knows_keeper(target: f64) -> Either<Option<bool>, Failure> {
    with_target(target, |target| Ok(target.knows_keeper()))
}

/// Lets the command of a guard begin, if it waits for that. Returns false if the guard has no keeper.
#[napi(catch_unwind)]
pub fn begin_command(target: f64) -> Either<bool, Failure> {
    with_target(target, |target| target.begin_command().map(is_delivered))
}

/// Returns when the process was started, in the unit of the system, or `None` if that is unknown. On Windows it is above 2^53,
/// so a number would not be exact.
#[napi(catch_unwind)]
pub fn started(target: f64) -> Either<Option<String>, Failure> {
    with_target(target, |target| Ok(target.started().map(|started| started.to_string())))
}

/// Returns a second handle for the same target. Each is closed on its own.
#[napi(catch_unwind)]
pub fn share(env: Env, target: f64) -> Either<f64, Failure> {
    match with_target(target, |target| Ok(Arc::clone(target))) {
        Either::A(target) => store(&env, Ok(target)),
        Either::B(failure) => Either::B(failure),
    }
}

/// Closes a handle. Does nothing if it is closed already.
#[napi(catch_unwind)]
pub fn close(target: f64) {
    TARGETS.with_borrow_mut(|targets| targets.remove(key(target)));
}

/// Opens a completion queue, and returns its number. The callback gets an operation's number, the exit code and the signal.
/// An environment has one queue for each time that it loaded the JavaScript.
#[napi(catch_unwind)]
pub fn open_queue(
    env: Env,
    callback: Function<'_, FnArgs<(f64, Option<i32>, Option<i32>)>, ()>,
) -> napi::Result<f64> {
    let completions = Completions::new(owner(&env), &callback)?;
    Ok(QUEUES.with_borrow_mut(|queues| {
        queues.push(completions);
        (queues.len() - 1) as f64
    }))
}

/// Waits for the exit of a target, as operation `number`.
#[napi(catch_unwind)]
pub fn wait(queue: f64, target: f64, number: f64) -> Either<(), Failure> {
    with_target(target, |target| with_queue(queue, |queue| queue.wait(number, target)).unwrap_or(Ok(())))
}

/// Completes operation `number`, a wait that `wait` has refused, if the target has exited. Returns whether it has.
#[napi(catch_unwind)]
pub fn poll_exit(queue: f64, target: f64, number: f64) -> Either<bool, Failure> {
    with_target(target, |target| {
        Ok(with_queue(queue, |queue| queue.poll_exit(number, target)).unwrap_or(false))
    })
}

/// Returns a failure if `terminate` would refuse the scope now.
#[napi(catch_unwind)]
pub fn check_scope(
    target: f64,
    scope: Option<String>,
    allow_self: bool,
    except: Vec<f64>,
) -> Either<(), Failure> {
    with_target(target, |target| {
        killtarget::check_scope(target, scope_of(scope.as_deref()), allow_self, &targets_of(&except)?)
    })
}

fn request_of(request: Request) -> Result<killtarget::Request, Error> {
    let except = targets_of(&request.except)?;
    Ok(killtarget::Request { except, ..request.try_into()? })
}

/// Terminates the target, as operation `number`. On completion, `fetchReport` returns the report. With a delay in milliseconds:
/// after that, unless it has exited by then.
#[napi(catch_unwind)]
pub fn terminate(
    queue: f64,
    target: f64,
    number: f64,
    request: Request,
    delay: Option<f64>,
) -> Either<(), Failure> {
    with_target(target, |target| {
        let observer = request.observer;
        let request = request_of(request)?;
        let delay = delay.map(|delay| duration(delay).unwrap_or(Duration::MAX));
        let start = |queue: &mut Completions| queue.terminate(number, target, request, observer, delay);
        with_queue(queue, start).unwrap_or(Ok(()))
    })
}

/// Completes operation `number` after a delay in milliseconds.
#[napi(catch_unwind)]
pub fn set_timer(queue: f64, number: f64, delay: f64) -> Either<(), Failure> {
    let delay = duration(delay).unwrap_or(Duration::MAX);
    match with_queue(queue, |queue| queue.set_timer(number, delay)) {
        Some(Err(error)) => Either::B(error.into()),
        Some(Ok(())) | None => Either::A(()),
    }
}

/// Terminates the target and blocks until that is complete.
#[napi(catch_unwind)]
pub fn terminate_sync(target: f64, request: Request) -> Either<Report, Failure> {
    // The target is cloned, so that the table is not borrowed during the termination.
    match with_target(target, |target| Ok((Arc::clone(target), request_of(request)?))) {
        Either::A((target, request)) => report_or_failure(killtarget::terminate_sync(&target, request)),
        Either::B(failure) => Either::B(failure),
    }
}

/// Skips the rest of a termination's grace periods.
#[napi(catch_unwind)]
pub fn force(queue: f64, number: f64) {
    with_queue(queue, |queue| queue.force(number));
}

/// Sends SIGKILL at once in all terminations that are in a grace period.
#[napi(catch_unwind)]
pub fn flush() {
    killtarget::flush();
}

#[napi(catch_unwind)]
pub fn fetch_report(queue: f64, number: f64) -> Option<Either<Report, Failure>> {
    match with_queue(queue, |queue| queue.fetch(number)) {
        Some(Some(Payload::Report(report))) => Some(report_or_failure(report)),
        _ => None,
    }
}

/// Stops or continues all processes in scope, as operation `number`. On completion, `fetchProcesses` returns those for
/// which it failed.
#[napi(catch_unwind)]
pub fn suspend(
    queue: f64,
    target: f64,
    number: f64,
    scope: Option<String>,
    allow_self: bool,
    is_resumed: bool,
) -> Either<(), Failure> {
    with_target(target, |target| {
        let scope = scope_of(scope.as_deref());
        let suspend = |queue: &mut Completions| queue.suspend(number, target, scope, allow_self, is_resumed);
        with_queue(queue, suspend).unwrap_or(Ok(()))
    })
}

#[napi(catch_unwind)]
pub fn fetch_processes(queue: f64, number: f64) -> Option<Either<Vec<ProcessInfo>, Failure>> {
    match with_queue(queue, |queue| queue.fetch(number)) {
        Some(Some(Payload::Processes(Ok(found)))) => Some(Either::A(processes(found))),
        Some(Some(Payload::Processes(Err(error)))) => Some(Either::B(error.into())),
        _ => None,
    }
}

/// Cancels a wait, a timer, or a termination that has not begun. Returns false for one that has.
#[napi(catch_unwind)]
pub fn cancel(queue: f64, number: f64) -> bool {
    with_queue(queue, |queue| queue.cancel(number)).unwrap_or(true)
}

/// Forgets an operation that has completed.
#[napi(catch_unwind)]
pub fn forget(queue: f64, number: f64) {
    with_queue(queue, |queue| queue.forget(number));
}

/// Sets whether a queue keeps the event loop alive.
#[napi(catch_unwind)]
#[allow(unsafe_code)] // napi's `refer` needs exclusive access to the callback, which the core's threads share
pub fn hold_open(env: Env, queue: f64, hold: bool) {
    let change = if hold { sys::napi_ref_threadsafe_function } else { sys::napi_unref_threadsafe_function };
    with_queue(queue, |queue| {
        queue.with_callback(|callback| {
            // SAFETY: this is the thread of the environment that created the callback, and the environment is alive.
            // `with_callback` prevents the release during the call. Either call may be repeated.
            unsafe { change(env.raw(), callback) };
        });
    });
}
