//! Signals by name and number, real-time ones included, from the one table that the system has.

use super::{SIGCONT, SIGKILL, SIGSTOP, SIGTERM, is_signal, named_signals, real_time_signals};
use crate::types::{Error, Signal};

impl Signal {
    /// Asks a process to end.
    pub const TERM: Self = Self::from_raw(SIGTERM);
    /// Ends a process, which can't refuse.
    pub const KILL: Self = Self::from_raw(SIGKILL);
    /// Stops a process, which can't refuse.
    pub const STOP: Self = Self::from_raw(SIGSTOP);
    /// Has a stopped process go on.
    pub const CONT: Self = Self::from_raw(SIGCONT);

    /// # Errors
    /// [`Error::UnknownSignal`] for a number that is no signal here. Those between the last standard signal and
    /// `SIGRTMIN` belong to the C library (`signal(7)`) and are not signals that one sends.
    pub fn new(number: i32) -> Result<Self, Error> {
        if number == Self::PROBE.as_raw() || is_signal(number) {
            Ok(Self::from_raw(number))
        } else {
            Err(Error::UnknownSignal(number.to_string()))
        }
    }

    /// From `SIGTERM`, `SIGRTMIN+3`, `SIGRTMAX-1` and their like.
    ///
    /// # Errors
    /// [`Error::UnknownSignal`] for a name that is not in [`Signal::names`].
    pub fn from_name(name: &str) -> Result<Self, Error> {
        Self::names()
            .into_iter()
            .find_map(|(known, number)| (known == name).then_some(Self::from_raw(number)))
            .ok_or_else(|| Error::UnknownSignal(name.to_owned()))
    }

    /// Every name with its number: the standard signals, their aliases, and the real-time ones counted from
    /// either end.
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

/// From the only number type that JavaScript has.
impl TryFrom<f64> for Signal {
    type Error = Error;

    fn try_from(number: f64) -> Result<Self, Error> {
        #[allow(clippy::cast_possible_truncation)] // what is cut off or clamped is refused
        let whole = number as i32;
        #[allow(clippy::float_cmp)] // the comparison is to be exact
        let exact = f64::from(whole) == number;
        if exact { Self::new(whole) } else { Err(Error::UnknownSignal(number.to_string())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_those_of_the_system() {
        for (name, number) in [("SIGHUP", 1), ("SIGINT", 2), ("SIGKILL", 9), ("SIGTERM", 15)] {
            assert_eq!(Signal::from_name(name).unwrap().as_raw(), number, "{name}");
        }
    }

    #[test]
    fn real_time_signals_count_from_either_end_where_there_are_such() {
        let (first, last) = real_time_signals();
        let number = |name| Signal::from_name(name).map(Signal::as_raw).ok();
        let expected = |number| (first <= last).then_some(number);
        assert_eq!(number("SIGRTMIN"), expected(first));
        assert_eq!(number("SIGRTMIN+3"), expected(first + 3));
        assert_eq!(number("SIGRTMAX-1"), expected(last - 1));
        assert_eq!(number("SIGRTMAX"), expected(last));
    }

    #[test]
    fn every_name_has_a_number_that_is_a_signal_and_the_other_way_round() {
        let names = Signal::names();
        for (name, number) in &names {
            assert_eq!(Signal::new(*number).unwrap(), Signal::from_name(name).unwrap(), "{name}");
        }
        for number in 1..=200 {
            let has_name = names.iter().any(|(_, known)| *known == number);
            assert_eq!(Signal::new(number).is_ok(), has_name, "{number}");
        }
    }

    #[test]
    fn what_is_no_signal_is_refused() {
        for name in ["", "TERM", "sigterm", "SIGRTMIN-1", "SIGRTMAX+1", "SIGRTMIN+99", "SIGRTMIN+0", "15"] {
            assert!(matches!(Signal::from_name(name), Err(Error::UnknownSignal(_))), "{name}");
        }
        for number in [-1, 32, 33, 65, 1000, i32::MAX, i32::MIN] {
            assert!(matches!(Signal::new(number), Err(Error::UnknownSignal(_))), "{number}");
        }
        assert_eq!(Signal::new(0).unwrap(), Signal::PROBE);
    }
}
