//! Why no command was started.

use super::sys::Code;
use crate::argument_error::ArgumentError;

/// Exit codes if the command was not started, as of `env(1)`.
pub(super) const FAILED: u32 = 125;
pub(super) const NOT_EXECUTABLE: u32 = 126;
pub(super) const NOT_FOUND: u32 = 127;

const HOST_IS_GONE: &str = "has exited";

pub(super) struct Refusal {
    pub(super) code: u32,
    pub(super) subject: Vec<u8>,
    pub(super) text: &'static str,
    pub(super) error: Option<Code>,
}

impl Refusal {
    /// A host has exited.
    pub(super) fn host_is_gone() -> Self {
        Self::failed("host", HOST_IS_GONE, None)
    }

    pub(super) fn is_host_gone(&self) -> bool {
        self.text == HOST_IS_GONE
    }

    /// A failure of the guard itself.
    pub(super) fn failed(subject: &str, text: &'static str, error: Option<Code>) -> Self {
        Self { code: FAILED, subject: subject.into(), text, error }
    }
}

impl From<ArgumentError<'_>> for Refusal {
    fn from(error: ArgumentError<'_>) -> Self {
        let (subject, text) = error.message();
        Self { code: FAILED, subject: subject.into(), text, error: None }
    }
}
