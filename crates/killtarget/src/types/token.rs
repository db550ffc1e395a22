//! A token: what identifies a process to a later program.

use std::{fmt, str::FromStr};

use super::{pid::Pid, pid_clock::PidClock};

/// Identifies a process for as long as its machine runs, also to another program. It is text: `to_string` and `parse`.
///
/// It is no secret, and gives no permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub(crate) pid: Pid,
    /// `None` in the form of util-linux, which does not tell it.
    pub(crate) place: Option<Place>,
    /// When the process was started, in the unit of the system.
    pub(crate) started: Option<u64>,
    /// What no other process has until the next boot: the inode of a pidfd, the unique id of macOS.
    pub(crate) unique_id: Option<u64>,
    /// When the token was made, as a start time.
    pub(crate) made: Option<u64>,
    /// How far the assignment of pids had come then.
    pub(crate) clock: Option<PidClock>,
}

/// Where a pid and a start time mean one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The boot of the machine. 0 where start times are of all boots.
    pub(crate) boot: [u64; 2],
    /// The PID namespace. 0 where there are none.
    pub(crate) namespace: u64,
    /// The time namespace, as the clock of start times differs in each. 0 where there are none.
    pub(crate) clock: u64,
}

impl Place {
    /// Reads the id of a boot: 32 hexadecimal digits, and hyphens. Returns `None` for another text.
    #[cfg(not(windows))]
    pub(crate) fn boot_of(id: &str) -> Option<[u64; 2]> {
        let mut digits = id.trim_ascii_end().bytes().filter(|byte| *byte != b'-');
        let mut half = || (0..16).try_fold(0, |number, _| append(number, digits.next()?));
        let boot = [half()?, half()?];
        digits.next().is_none().then_some(boot)
    }
}

/// A text that is no token, or not the whole of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidToken;

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This is not a token, or not the whole of one")
    }
}

impl std::error::Error for InvalidToken {}

/// The version of the format. After it come hexadecimal numbers: empty if they are not known. The last is a checksum.
const VERSION: &str = "kt1";
const NUMBERS: usize = 10;

impl Token {
    /// Returns the pid that the process has or had.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    fn numbers(&self) -> [Option<u64>; NUMBERS] {
        let place =
            self.place.map(|Place { boot: [high, low], namespace, clock }| [high, low, namespace, clock]);
        let [high, low, namespace, clock] = place.map_or([None; 4], |numbers| numbers.map(Some));
        let (starts, last_pid) = self.clock.map(|clock| (clock.starts, clock.last_pid)).unzip();
        let pid = u64::try_from(self.pid.as_raw()).ok();
        [pid, high, low, namespace, clock, self.started, self.unique_id, self.made, starts, last_pid]
    }

    fn of(
        [pid, high, low, namespace, clock, started, unique_id, made, starts, last_pid]: [Option<u64>;
            NUMBERS],
    ) -> Option<Self> {
        let place = Some(Place { boot: [high?, low?], namespace: namespace?, clock: clock? });
        let clock = starts.zip(last_pid).map(|(starts, last_pid)| PidClock { starts, last_pid });
        Some(Self { pid: Pid::from_raw(pid?)?, place, started, unique_id, made, clock })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_none() {
            return write!(f, "{}:{}", self.pid, self.unique_id.unwrap_or(0));
        }
        let mut text = VERSION.to_owned();
        for number in self.numbers() {
            push(&mut text, number);
        }
        let sum = checksum(&text);
        push(&mut text, Some(sum));
        f.write_str(&text)
    }
}

/// Appends a dot, and the hexadecimal digits of the number.
fn push(text: &mut String, number: Option<u64>) {
    text.push('.');
    let Some(number) = number else { return };
    let digits = number.to_be_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let zeros = (number | 1).leading_zeros() / 4;
    text.extend(digits.skip(zeros as usize).filter_map(|digit| char::from_digit(digit.into(), 16)));
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        parse(text).or_else(|| parse_pair(text)).ok_or(InvalidToken)
    }
}

fn parse(text: &str) -> Option<Token> {
    let (body, sum) = text.rsplit_once('.')?;
    let mut parts = body.strip_prefix(VERSION)?.strip_prefix('.')?.split('.');
    let mut numbers = [None; NUMBERS];
    for number in &mut numbers {
        let part = parts.next()?;
        *number = if part.is_empty() { None } else { Some(number_of(part)?) };
    }
    let is_whole = parts.next().is_none() && number_of(sum)? == checksum(body);
    is_whole.then(|| Token::of(numbers))?
}

/// Reads a number as it was written: in small letters, without a zero before others.
fn number_of(text: &str) -> Option<u64> {
    let is_number = matches!(text.len(), 1..=16) && (text == "0" || !text.starts_with('0'));
    is_number.then(|| text.bytes().try_fold(0, append))?
}

/// Appends a hexadecimal digit to a number.
fn append(number: u64, digit: u8) -> Option<u64> {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => return None,
    };
    Some(number << 4 | u64::from(value))
}

/// Parses `PID:INODE`.
///
/// # References
/// util-linux 2.42, `kill(1)` and `waitpid(1)`
fn parse_pair(text: &str) -> Option<Token> {
    let (pid, inode) = text.split_once(':')?;
    let [pid, inode] = [pid, inode].map(|number| {
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        number.parse::<u64>().ok().filter(|_| is_plain)
    });
    let unique_id = Some(inode?);
    Some(Token { pid: Pid::from_raw(pid?)?, place: None, started: None, unique_id, made: None, clock: None })
}

/// Finds a token that was cut or mistyped. (FNV-1a, 32 bits)
fn checksum(text: &str) -> u64 {
    let sum =
        text.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    sum.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token {
            pid: Pid::new(4711).unwrap(),
            place: Some(Place {
                boot: [0x0f9a_3b00_0000_0000, 7],
                namespace: 4_026_531_836,
                clock: 4_026_531_834,
            }),
            started: Some(123_456),
            unique_id: Some(u64::MAX),
            made: Some(123_500),
            clock: Some(PidClock { starts: 100_200, last_pid: 4712 }),
        }
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let without_boot = Place { boot: [0; 2], namespace: 0, clock: 0 };
        for token in [
            token(),
            Token { unique_id: None, ..token() },
            Token { started: None, made: None, clock: None, ..token() },
            Token { place: Some(without_boot), ..token() },
            Token { place: None, started: None, made: None, clock: None, unique_id: Some(77), ..token() },
        ] {
            assert_eq!(token.to_string().parse(), Ok(token));
        }
        assert_eq!(
            token().to_string(),
            "kt1.1267.f9a3b0000000000.7.effffffc.effffffa.1e240.ffffffffffffffff.1e26c.18768.1268.a78816c5"
        );
    }

    #[test]
    fn the_form_of_util_linux_is_a_pid_and_an_inode() {
        let token: Token = "4711:98765".parse().unwrap();
        assert_eq!((token.pid.as_raw(), token.unique_id, token.place), (4711, Some(98_765), None));
        for wrong in ["", ":", "4711", "4711:", ":98765", "0:1", "-1:1", "4711:+1", "4711:01", "2147483648:1"]
        {
            assert_eq!(wrong.parse::<Token>(), Err(InvalidToken), "{wrong}");
        }
    }

    #[test]
    fn a_token_that_was_cut_or_changed_is_refused() {
        let text = token().to_string();
        for length in 0..text.len() {
            assert_eq!(text[..length].parse::<Token>(), Err(InvalidToken), "{}", &text[..length]);
        }
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(changed.parse::<Token>(), Err(InvalidToken), "{changed}");
        }
        for wrong in [format!(" {text}"), format!("{text}\n"), text.to_uppercase(), format!("{text}.{text}")]
        {
            assert_eq!(wrong.parse::<Token>(), Err(InvalidToken), "{wrong}");
        }
    }

    #[test]
    fn a_token_with_a_right_checksum_must_have_all_parts() {
        let right = "kt1.1.1.1.1.1.1.1.1.1.1";
        let with_sum = |body: &str| format!("{body}.{:x}", checksum(body));
        assert!(with_sum(right).parse::<Token>().is_ok());
        let wrong = [
            "kt1.1.1.1.1.1.1.1.1.1",
            "kt2.1.1.1.1.1.1.1.1.1.1",
            "kt1.0.1.1.1.1.1.1.1.1.1",
            "kt1..1.1.1.1.1.1.1.1.1",
            "kt1.1..1.1.1.1.1.1.1.1",
        ];
        for body in wrong
            .map(str::to_owned)
            .into_iter()
            .chain([format!("{right}.1"), right.replace("kt1.1", "kt1.01")])
        {
            let text = with_sum(&body);
            assert_eq!(text.parse::<Token>(), Err(InvalidToken), "{text}");
        }
    }
}
