//! What each environment has open: targets, and the queues of its waits.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss, // numbers of targets stay below 2^53
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
    // An environment lives on one thread. Deno runs no cleanup when a worker ends: the end of the thread closes them.
    pub(crate) static TARGETS: RefCell<HandleTable> = RefCell::default();
    pub(crate) static WAITS: RefCell<Vec<Completions>> = RefCell::default();
}

/// The number of an open target: a key of the slots, and in the lowest bits by what it is bound.
const TAGS: u64 = 16;
const _: () = assert!(Method::ALL.len() * 2 <= TAGS as usize);

pub(crate) fn opened(env: &Env, target: Result<impl Into<Arc<KillTarget>>, Error>) -> Either<f64, Failure> {
    let target = match target {
        Ok(target) => target.into(),
        Err(error) => return Either::B(error.into()),
    };
    let tag = tag(&target);
    match TARGETS.with_borrow_mut(|targets| targets.insert(target, owner(env))) {
        Some(key) => Either::A((key * TAGS + tag) as f64),
        None => Either::B(failure("ERR_TOO_MANY_TARGETS", "Too many targets are open")),
    }
}

pub(crate) fn with<T>(
    target: f64,
    act: impl FnOnce(&Arc<KillTarget>) -> Result<T, Error>,
) -> Either<T, Failure> {
    TARGETS.with_borrow(|targets| match targets.get(key(target)).map(act) {
        Some(Ok(value)) => Either::A(value),
        Some(Err(error)) => Either::B(error.into()),
        None => Either::B(failure("ERR_TARGET_CLOSED", "The target is closed")),
    })
}

pub(crate) fn with_queue<T>(queue: f64, act: impl FnOnce(&mut Completions) -> T) -> Option<T> {
    WAITS.with_borrow_mut(|queues| queues.get_mut(queue as usize).map(act))
}

pub(crate) fn tag(target: &KillTarget) -> Key {
    let method = Method::ALL.iter().position(|method| *method == target.method()).unwrap_or_default();
    method as Key * 2 + Key::from(target.race_free())
}

/// What is no number of a target becomes 0 or stays out of range, and finds none.
pub(crate) fn key(target: f64) -> Key {
    target as Key / TAGS
}

pub(crate) fn owner(env: &Env) -> usize {
    env.raw().addr()
}

pub(crate) fn is_delivered(delivery: Delivery) -> bool {
    delivery == Delivery::Delivered
}

pub(crate) fn failure(code: &str, message: &str) -> Failure {
    Failure { code: code.to_owned(), message: message.to_owned(), errno: None, syscall: None }
}
