//! The functions for what a process has started and left.

#![allow(
    unreachable_pub, // the macros of napi need `pub`
    clippy::needless_pass_by_value, // napi passes owned values
    clippy::must_use_candidate
)]

use std::time::Duration;

use killtarget::Signal;
use napi::bindgen_prelude::Either;
use napi_derive::napi;

use crate::{
    convert::{processes, scope_of},
    environment::{targets_of, with_queue, with_target},
    objects::{Failure, ProcessInfo},
};

/// Signals the target and its descendants, as operation `number`. On completion, `fetchProcesses` returns those that may
/// not be signalled.
#[napi(catch_unwind)]
pub fn signal_descendants(queue: f64, target: f64, number: f64, signal: f64) -> Either<(), Failure> {
    with_target(target, |target| {
        let signal = Signal::try_from(signal)?;
        with_queue(queue, |queue| queue.signal_descendants(number, target, signal)).unwrap_or(Ok(()))
    })
}

/// Returns the descendants of the target, parents first. If `with_root`, the target's process comes before them. With a scope:
/// the processes that a termination of that scope would find.
#[napi(catch_unwind)]
pub fn descendants(target: f64, with_root: bool, scope: Option<String>) -> Either<Vec<ProcessInfo>, Failure> {
    with_target(target, |target| {
        let found = match scope_of(scope.as_deref()) {
            None => killtarget::descendants(target, with_root),
            Some(scope) => killtarget::processes_in_scope(target, with_root, scope),
        };
        found.map(processes)
    })
}

/// Returns the processes that listen on a port.
#[napi(catch_unwind)]
pub fn listeners(port: u16) -> Either<Vec<ProcessInfo>, Failure> {
    match killtarget::listeners(port) {
        Ok(found) => Either::A(processes(found)),
        Err(error) => Either::B(error.into()),
    }
}

/// Returns whether a target that has exited has left others in scope that are not excepted, or `null` if a scan within a number of
/// milliseconds cannot tell.
#[napi(catch_unwind)]
pub fn has_leftovers(
    target: f64,
    scope: Option<String>,
    except: Vec<f64>,
    limit: u32,
) -> Either<Option<bool>, Failure> {
    let limit = Duration::from_millis(limit.into());
    with_target(target, |target| {
        Ok(killtarget::has_leftovers(target, scope_of(scope.as_deref()), &targets_of(&except)?, limit))
    })
}
