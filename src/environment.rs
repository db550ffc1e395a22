//! The open targets and the completion queues of each environment.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss, // a handle stays below 2^53
    clippy::trivially_copy_pass_by_ref,
)]

use std::{cell::RefCell, sync::Arc};

use killtarget::{Delivery, Error, KillTarget, Method};
use napi::bindgen_prelude::{Either, Env};

use crate::{
    completions::Completions,
    handle_table::{HandleTable, Key},
    objects::Failure,
};

thread_local! {
    // An environment lives on one thread. Deno runs no cleanup hook when a worker ends: the end of the thread drops these.
    pub(crate) static TARGETS: RefCell<HandleTable> = RefCell::default();
    pub(crate) static QUEUES: RefCell<Vec<Completions>> = RefCell::default();
}

/// A handle is `key * TAG_COUNT + tag`. JavaScript reads the tag: the method, and whether it is race-free.
const TAG_COUNT: u64 = 16;
const _: () = assert!(Method::ALL.len() * 2 <= TAG_COUNT as usize);

/// Stores a target for an environment, and returns its handle.
pub(crate) fn store(env: &Env, target: Result<impl Into<Arc<KillTarget>>, Error>) -> Either<f64, Failure> {
    let target = match target {
        Ok(target) => target.into(),
        Err(error) => return Either::B(error.into()),
    };
    let tag = tag(&target);
    match TARGETS.with_borrow_mut(|targets| targets.insert(target, owner(env))) {
        Some(key) => Either::A((key * TAG_COUNT + tag) as f64),
        None => Either::B(failure(
            "ERR_TOO_MANY_TARGETS",
            "Cannot open another target: 16777216 are open in this thread. Close those that are no longer needed.",
        )),
    }
}

/// Calls `act` with the target of a handle.
pub(crate) fn with_target<T>(
    target: f64,
    act: impl FnOnce(&Arc<KillTarget>) -> Result<T, Error>,
) -> Either<T, Failure> {
    TARGETS.with_borrow(|targets| match targets.get(key(target)).map(act) {
        Some(Ok(value)) => Either::A(value),
        Some(Err(error)) => Either::B(error.into()),
        None => Either::B(failure("ERR_TARGET_CLOSED", "The target is closed. Open a new one.")),
    })
}

/// Returns the targets of open handles.
pub(crate) fn targets_of(handles: &[f64]) -> Result<Vec<Arc<KillTarget>>, Error> {
    TARGETS.with_borrow(|targets| {
        handles.iter().map(|handle| targets.get(key(*handle)).cloned().ok_or(Error::Internal)).collect()
    })
}

/// Calls `act` with a completion queue. Returns `None` if there is no such queue.
pub(crate) fn with_queue<T>(queue: f64, act: impl FnOnce(&mut Completions) -> T) -> Option<T> {
    QUEUES.with_borrow_mut(|queues| queues.get_mut(queue as usize).map(act))
}

/// Returns twice the index into [`Method::ALL`], plus one if the target is race-free.
fn tag(target: &KillTarget) -> Key {
    let method = Method::ALL.iter().position(|method| *method == target.method()).unwrap_or_default();
    method as Key * 2 + Key::from(target.race_free())
}

/// Returns the key of a handle. A number that is no handle becomes a key that finds no target.
pub(crate) fn key(target: f64) -> Key {
    target as Key / TAG_COUNT
}

/// Identifies an environment by its address.
pub(crate) fn owner(env: &Env) -> usize {
    env.raw().addr()
}

pub(crate) fn is_delivered(delivery: Delivery) -> bool {
    delivery == Delivery::Delivered
}

fn failure(code: &str, message: &str) -> Failure {
    Failure { code: code.to_owned(), message: message.to_owned(), errno: None, syscall: None }
}
