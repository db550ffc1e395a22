//! A pid that is always the id of one process.

use std::fmt;

/// A process id: a positive 32-bit integer. `kill(2)` gives 0 and negative numbers other meanings: the caller's own
/// group, another group, every process. This type cannot hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(i32);

impl Pid {
    /// The init process of a PID namespace.
    pub const INIT: Self = Self(1);

    /// Checks a number.
    ///
    /// # Errors
    /// [`InvalidPid`]: the number is 0 or negative.
    pub fn new(number: i32) -> Result<Self, InvalidPid> {
        if number > 0 { Ok(Self(number)) } else { Err(InvalidPid(Some(number))) }
    }

    /// Converts a number from a system call. Returns `None` for 0 and other numbers that are no pid.
    pub(crate) fn from_raw(number: impl TryInto<i32>) -> Option<Self> {
        number.try_into().ok().and_then(|number| Self::new(number).ok())
    }

    /// Returns the number, which is always positive.
    #[must_use]
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

/// Converts a JavaScript number. Rejects fractions, NaN and numbers outside the range.
impl TryFrom<f64> for Pid {
    type Error = InvalidPid;

    fn try_from(number: f64) -> Result<Self, InvalidPid> {
        if number.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&number) {
            #[allow(clippy::cast_possible_truncation)] // whole and in range
            Ok(Self(number as i32))
        } else {
            // Code that prints such a number takes 3% of the binary.
            Err(InvalidPid(None))
        }
    }
}

/// A number that is not a positive 32-bit integer, and so no pid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPid(Option<i32>);

impl fmt::Display for InvalidPid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expected the pid to be a positive 32-bit integer")?;
        self.0.map_or(Ok(()), |number| write!(f, ", got `{number}`"))
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
        assert_eq!(
            Pid::new(-1).unwrap_err().to_string(),
            "Expected the pid to be a positive 32-bit integer, got `-1`"
        );
        assert!(Pid::new(0).is_err() && Pid::new(-1).is_err() && Pid::new(i32::MIN).is_err());
    }
}
