//! The number of a process, as a type that can't hold one that means something else.

use std::fmt;

/// A process id: a positive 32-bit integer. `kill(2)` gives 0 and the negative numbers other meanings (one's
/// own group, a group, everyone), so they can't be made into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(i32);

impl Pid {
    /// The first process of a PID namespace.
    pub const INIT: Self = Self(1);

    /// # Errors
    /// [`InvalidPid`] for 0 and negative numbers.
    pub fn new(number: i32) -> Result<Self, InvalidPid> {
        if number > 0 { Ok(Self(number)) } else { Err(InvalidPid(number.to_string())) }
    }

    /// From what a system tells, in whatever type. `None`: 0 and what else is nobody's number.
    pub(crate) fn from_raw(number: impl TryInto<i32>) -> Option<Self> {
        number.try_into().ok().and_then(|number| Self::new(number).ok())
    }

    /// The number itself, always positive.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

/// From the only number type that JavaScript has. Fractions, NaN and what does not fit are refused.
impl TryFrom<f64> for Pid {
    type Error = InvalidPid;

    fn try_from(number: f64) -> Result<Self, InvalidPid> {
        if number.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&number) {
            #[allow(clippy::cast_possible_truncation)] // in range and whole, as just checked
            Ok(Self(number as i32))
        } else {
            Err(InvalidPid(number.to_string()))
        }
    }
}

/// What is not a pid: not a positive 32-bit integer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPid(String);

impl fmt::Display for InvalidPid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expected a pid, a positive 32-bit integer, got `{}`", self.0)
    }
}

impl std::error::Error for InvalidPid {}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_is_a_positive_32_bit_integer() {
        for number in [1, 2, 4_194_304, i32::MAX] {
            assert_eq!(Pid::try_from(f64::from(number)), Pid::new(number));
            assert_eq!(Pid::new(number).unwrap().as_raw(), number);
        }
        for number in [0.0, -0.0, -1.0, 0.5, 1.5, f64::NAN, f64::INFINITY, 2_147_483_648.0, -2_147_483_649.0]
        {
            assert!(matches!(Pid::try_from(number), Err(InvalidPid(_))), "{number}");
        }
        assert!(Pid::new(0).is_err() && Pid::new(-1).is_err() && Pid::new(i32::MIN).is_err());
    }
}
