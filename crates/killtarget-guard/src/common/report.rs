//! Messages on standard error.

use std::os::fd::BorrowedFd;

use super::command::FAILED;
use crate::{sys, text::Text};

/// Writes `killtarget-guard: SUBJECT: TEXT` in one call, so that the lines of others do not come in between.
pub(crate) fn report(stderr: BorrowedFd, subject: &[u8], text: &str) {
    let start = Text::<512>::new().add(b"killtarget-guard: ").add(subject);
    sys::write_now(stderr, start.add(b": ").add(text.as_bytes()).line());
}

/// Writes why the guard itself has failed, if it has a standard error, and exits.
pub(crate) fn fail(stderr: Option<BorrowedFd>, subject: &[u8], text: &str) -> ! {
    if let Some(stderr) = stderr {
        report(stderr, subject, text);
    }
    sys::exit(FAILED)
}
