//! Signals by name and number, including real-time signals, from the system's own table.

use super::{SIGCONT, SIGKILL, SIGSTOP, SIGTERM, is_signal, named_signals, real_time_signals};
use crate::types::{Error, Signal};

impl Signal {
    /// Asks a process to exit.
    pub const TERM: Self = Self::from_raw(SIGTERM);
    /// Terminates a process. It cannot be caught, blocked or ignored.
    pub const KILL: Self = Self::from_raw(SIGKILL);
    /// Stops a process. It cannot be caught, blocked or ignored.
    pub const STOP: Self = Self::from_raw(SIGSTOP);
    /// Continues a stopped process.
    pub const CONT: Self = Self::from_raw(SIGCONT);

    /// Checks a number.
    ///
    /// # Errors
    /// [`Error::UnknownSignal`]: the number is not a signal of this system. The C library reserves the numbers between
    /// the last standard signal and `SIGRTMIN` for itself.
    ///
    /// # References
    /// `signal(7)`
    pub fn new(number: i32) -> Result<Self, Error> {
        if number == Self::PROBE.as_raw() || is_signal(number) {
            Ok(Self::from_raw(number))
        } else {
            Err(Error::UnknownSignal(number.to_string()))
        }
    }

    /// Finds a signal by its name, such as `SIGTERM`, `SIGRTMIN+3` or `SIGRTMAX-1`.
    ///
    /// # Errors
    /// [`Error::UnknownSignal`]: [`Signal::names`] does not have the name.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        Self::names()
            .into_iter()
            .find_map(|(known, number)| (known == name).then_some(Self::from_raw(number)))
            .ok_or_else(|| Error::UnknownSignal(name.to_owned()))
    }

    /// Lists every name with its number: standard signals, aliases and real-time signals. The latter count up from
    /// `SIGRTMIN` and down from `SIGRTMAX`.
    #[must_use]
    pub fn names() -> Vec<(String, i32)> {
        let (first, last) = real_time_signals();
        let mut names: Vec<_> = named_signals().map(|(name, number)| (name.to_owned(), number)).collect();
        if first <= last {
            names.push(("SIGRTMIN".to_owned(), first));
            names.extend((1..=last - first).map(|n| (format!("SIGRTMIN+{n}"), first + n)));
            names.extend((1..=last - first).rev().map(|n| (format!("SIGRTMAX-{n}"), last - n)));
            names.push(("SIGRTMAX".to_owned(), last));
        }
        names
    }
}

/// Converts a JavaScript number.
impl TryFrom<f64> for Signal {
    type Error = Error;

    fn try_from(number: f64) -> Result<Self, Error> {
        #[allow(clippy::cast_possible_truncation)] // a truncated or clamped number is rejected below
        let whole = number as i32;
        #[allow(clippy::float_cmp)] // the comparison must be exact
        let exact = f64::from(whole) == number;
        // Code that prints a fraction takes 1% of the binary.
        if exact { Self::new(whole) } else { Err(Error::UnknownSignal(format!("about {whole}"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_signals_have_the_numbers_of_the_system() {
        for (name, number) in [("SIGHUP", 1), ("SIGINT", 2), ("SIGKILL", 9), ("SIGTERM", 15)] {
            assert_eq!(Signal::from_name(name).unwrap().as_raw(), number, "{name}");
        }
    }

    #[test]
    fn real_time_signals_count_up_from_the_first_and_down_from_the_last() {
        let (first, last) = real_time_signals();
        let number = |name| Signal::from_name(name).map(Signal::as_raw).ok();
        let expected = |number| (first <= last).then_some(number);
        assert_eq!(number("SIGRTMIN"), expected(first));
        assert_eq!(number("SIGRTMIN+3"), expected(first + 3));
        assert_eq!(number("SIGRTMAX-1"), expected(last - 1));
        assert_eq!(number("SIGRTMAX"), expected(last));
    }

    #[test]
    fn every_name_has_a_valid_number_and_every_valid_number_has_a_name() {
        let names = Signal::names();
        for (name, number) in &names {
            assert_eq!(Signal::new(*number).unwrap(), Signal::from_name(name).unwrap(), "{name}");
        }
        for number in 1..=200 {
            let has_name = names.iter().any(|(_, named)| *named == number);
            assert_eq!(Signal::new(number).is_ok(), has_name, "{number}");
        }
    }

    #[test]
    fn unknown_names_and_numbers_are_rejected() {
        for name in ["", "TERM", "sigterm", "SIGRTMIN-1", "SIGRTMAX+1", "SIGRTMIN+99", "SIGRTMIN+0", "15"] {
            assert!(matches!(Signal::from_name(name), Err(Error::UnknownSignal(_))), "{name}");
        }
        for number in [-1, 32, 33, 65, 1000, i32::MAX, i32::MIN] {
            assert!(matches!(Signal::new(number), Err(Error::UnknownSignal(_))), "{number}");
        }
        assert_eq!(Signal::new(0).unwrap(), Signal::PROBE);
    }
}
