//! Messages on standard error.

use super::sys::{self, Code};
use crate::text::Text;

/// Writes `killtarget-guard: SUBJECT: TEXT` in one call, so that the lines of others do not come in between.
pub(super) fn report(subject: &[u8], text: &str, error: Option<Code>) {
    let message = Text::<512>::new().add(b"killtarget-guard: ").add(subject).add(b": ").add(text.as_bytes());
    let mut message = match error {
        Some(Code(error)) => message.add(b" (error ").number(error).add(b")"),
        None => message,
    };
    sys::write_error(message.line());
}
