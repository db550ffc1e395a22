//! The end of all processes in the job.

use super::sys::{self, Job};

/// The longest interval in milliseconds between two looks at the job.
const MAX_INTERVAL: u32 = 64;

/// Ends all, and waits until none is left.
///
/// A process that is ended still exits by itself, and one that is stuck in a driver does not exit at all. The caller of
/// `terminate` is told about it then.
pub(super) fn end_all(job: &Job) {
    let mut interval = 1;
    while job.terminate_all() && !job.is_empty() {
        sys::pause(interval);
        interval = (interval * 2).min(MAX_INTERVAL);
    }
}
