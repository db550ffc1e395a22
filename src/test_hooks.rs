//! Functions for tests. The published binary does not have them.

#![allow(
    missing_docs,     // users cannot call them
    unreachable_pub,  // the macros of napi need `pub`
    clippy::needless_pass_by_value, // napi passes owned values
)]

use napi_derive::napi;

/// Pauses once, between the next scan and its signals. It writes a line to the pipe at `found`, then reads the pipe at
/// `go_on` until that closes.
#[napi(catch_unwind)]
pub fn pause_when_found(found: String, go_on: String) {
    killtarget::test_hooks::when_found(Box::new(move || {
        let _ = std::fs::write(found, "\n").and_then(|()| std::fs::read(go_on));
    }));
}

/// Panics.
#[napi(catch_unwind)]
#[allow(clippy::panic)] // a test of panics needs one
pub fn panic_now(message: String) {
    panic!("{message}");
}
