//! The functions that JavaScript can call about the system and this library. They need no target.

#![allow(
    missing_docs,    // users read the docs of the TypeScript API
    unreachable_pub, // the macros of napi need `pub`
    clippy::cast_precision_loss, // an address stays below 2^53
    clippy::must_use_candidate,
)]

use napi_derive::napi;

use killtarget::{Method, Signal};

use crate::objects::{Capabilities, Failure, NamedSignal};

/// Returns every name of every signal, with its number.
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

/// Identifies this library among those that the process has loaded. Each load of the same file has the same one.
#[napi(catch_unwind)]
pub fn library_id() -> f64 {
    static LIBRARY: u8 = 0;
    (&raw const LIBRARY).addr() as f64
}

/// Returns the path of the program for contained launch, or `None` if there is none beside this library.
#[napi(catch_unwind)]
pub fn guard_program() -> Option<String> {
    killtarget::guard_program()?.into_os_string().into_string().ok()
}

/// Returns the path of this binary, or `None` if the system does not tell.
#[napi(catch_unwind)]
pub fn library() -> Option<String> {
    killtarget::library()?.into_os_string().into_string().ok()
}

/// Replaces this process by another program: the first argument. The arguments and the environment are lists of texts that each
/// end with a zero byte. The program gets the descriptors. Returns only if that fails.
#[napi(catch_unwind)]
pub fn replace_process(arguments: &[u8], environment: &[u8], descriptors: &[i32]) -> Failure {
    killtarget::replace_process(arguments, environment, descriptors).into()
}

/// Returns the methods by which a target can be bound, in the order to which handles refer.
#[napi(catch_unwind)]
pub fn methods() -> Vec<&'static str> {
    Method::ALL.map(Method::name).to_vec()
}
