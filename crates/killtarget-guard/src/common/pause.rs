//! Pauses in the start, at which tests kill the host. The published program has none.

/// Waits at a step, if the environment names it: `KILLTARGET_TEST_PAUSE` is the step and the path of a FIFO, with a colon between
/// them. Opens the FIFO to tell that the step has come, and goes on once the other end is opened again.
#[cfg(feature = "test-pauses")]
pub(crate) fn at(step: &str) {
    use std::fs::{self, OpenOptions};

    let pause = std::env::var("KILLTARGET_TEST_PAUSE").unwrap_or_default();
    let Some((_, path)) = pause.split_once(':').filter(|(name, _)| *name == step) else { return };
    let _ = OpenOptions::new().write(true).open(path);
    let _ = fs::read(path);
}

#[cfg(not(feature = "test-pauses"))]
pub(crate) const fn at(_: &str) {}
