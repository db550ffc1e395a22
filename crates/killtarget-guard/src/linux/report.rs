//! Messages on standard error.

use std::os::fd::BorrowedFd;

use crate::sys;

const NAME: &[u8] = b"killtarget-guard: ";

/// A line. What does not fit is cut.
struct Line {
    bytes: [u8; 512],
    length: usize,
}

impl Line {
    fn add(&mut self, text: &[u8]) {
        // The last byte is for the line feed.
        let end = self.bytes.len() - 1;
        for byte in text {
            if let Some(place) = self.bytes.get_mut(..end).and_then(|bytes| bytes.get_mut(self.length)) {
                *place = *byte;
                self.length += 1;
            }
        }
    }
}

/// Writes `killtarget-guard: SUBJECT: TEXT` in one call, so that the lines of others do not come in between.
pub(crate) fn report(stderr: BorrowedFd, subject: &[u8], text: &str) {
    let mut line = Line { bytes: [b'\n'; 512], length: 0 };
    for part in [NAME, subject, b": ", text.as_bytes()] {
        line.add(part);
    }
    sys::write_now(stderr, line.bytes.get(..=line.length).unwrap_or_default());
}
