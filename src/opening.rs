//! The functions that open a target, as JavaScript can call them.

#![allow(
    missing_docs,     // users read the docs of the TypeScript API
    unreachable_pub,  // the macros of napi need `pub`
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss, // counts stay below 2^53
    clippy::needless_pass_by_value, // napi passes owned values
    clippy::must_use_candidate,
)]

use napi::bindgen_prelude::{Either, Env};
use napi_derive::napi;

use killtarget::{Error, KillTarget, Pid, Token};

use crate::{
    convert::verification,
    environment::store,
    objects::{Failure, PidClock},
};

/// Opens a target on the process that has the pid now, and returns its handle. The lowest four bits of a handle are twice
/// the index into `methods()`, plus one if the target is race-free.
#[napi(catch_unwind)]
pub fn open(env: Env, pid: f64, allow_unverified: bool) -> Either<f64, Failure> {
    store(
        &env,
        Pid::try_from(pid)
            .map_err(Error::from)
            .and_then(|pid| KillTarget::from_pid_with(pid, verification(allow_unverified))),
    )
}

/// Opens a target on the child of this process that has the pid now.
#[napi(catch_unwind)]
pub fn open_child(env: Env, pid: f64, allow_unverified: bool) -> Either<f64, Failure> {
    store(
        &env,
        Pid::try_from(pid)
            .map_err(Error::from)
            .and_then(|pid| KillTarget::from_child_pid(pid, verification(allow_unverified))),
    )
}

/// Opens a target on the process that has the pid now, or else on the session or group that it has left behind.
#[napi(catch_unwind)]
pub fn open_or_group(env: Env, pid: f64) -> Either<f64, Failure> {
    store(&env, Pid::try_from(pid).map_err(Error::from).and_then(KillTarget::from_pid_or_group))
}

/// Opens a target on the process of a token, or else on the session or group that it has left behind.
#[napi(catch_unwind)]
pub fn open_token(env: Env, token: String) -> Either<f64, Failure> {
    let token = token.parse::<Token>().map_err(Error::from);
    store(&env, token.and_then(|token| KillTarget::from_token(&token)))
}

/// Opens a target on the session or group that an ended child has left behind, if there is one. `started` is a moment
/// before the child was started.
#[napi(catch_unwind)]
pub fn open_ended_child(env: Env, pid: f64, started: PidClock) -> Option<Either<f64, Failure>> {
    let started = killtarget::PidClock { starts: started.starts as u64, last_pid: started.last_pid as u64 };
    let target = KillTarget::from_ended_child(Pid::try_from(pid).ok()?, started)?;
    Some(store(&env, Ok(target)))
}

/// Returns how far the kernel has come with the assignment of pids.
#[napi(catch_unwind)]
pub fn pid_clock() -> Option<PidClock> {
    let killtarget::PidClock { starts, last_pid } = killtarget::pid_clock()?;
    Some(PidClock { starts: starts as f64, last_pid: last_pid as f64 })
}

/// Opens a target on a process that is known to be gone.
#[napi(catch_unwind)]
pub fn open_gone(env: Env, pid: f64) -> Either<f64, Failure> {
    store(&env, Pid::try_from(pid).map(KillTarget::gone).map_err(Error::from))
}
