//! Text that is put together without an allocation.

use std::ffi::CStr;

/// Up to `N - 1` bytes. What does not fit is cut.
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    pub(crate) fn add(mut self, text: &[u8]) -> Self {
        // The last byte is for what ends the text.
        let places = self.bytes.get_mut(self.length..N.saturating_sub(1)).unwrap_or_default();
        for (place, byte) in places.iter_mut().zip(text) {
            *place = *byte;
            self.length += 1;
        }
        self
    }

    /// Adds a number in decimal.
    pub(crate) fn number(self, mut number: u32) -> Self {
        let (mut digits, mut start) = ([b'0'; 10], 9);
        for (at, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
            if number > 0 {
                start = at;
            }
            number /= 10;
        }
        self.add(digits.get(start..).unwrap_or_default())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }

    /// Returns the text and a line feed.
    pub(crate) fn line(&mut self) -> &[u8] {
        if let Some(end) = self.bytes.get_mut(self.length) {
            *end = b'\n';
        }
        self.bytes.get(..=self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [0, 1, 9, 10, 4_194_304, u32::MAX] {
            assert_eq!(Text::<16>::new().number(number).as_bytes(), number.to_string().as_bytes());
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut() {
        let mut text = Text::<64>::new().add(b"a").add(&[b'b'; 100]).add(b"c");
        assert_eq!(text.as_c_str().to_bytes(), [&[b'a'][..], &[b'b'; 62]].concat());
        assert_eq!(text.line().last(), Some(&b'\n'));
        assert_eq!(text.line().len(), 64);
    }
}
