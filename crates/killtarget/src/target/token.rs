//! Identity that outlives the program: what a target is told by, and how a token finds its process again.

use std::{thread, time::Duration};

use super::KillTarget;
use crate::{
    sys::{self, Moment, StartTime},
    types::{Error, Identity, Method, Pid, Token},
};

/// How often, and at which interval, a token is made anew while a later process could have the same start time.
const MAX_TRIES: usize = 20;
const INTERVAL: Duration = Duration::from_millis(2);

impl KillTarget {
    /// Returns what identifies the process after the target is dropped, or `None` if it has been reaped.
    ///
    /// # Errors
    /// [`Error::IdentityUnavailable`] or [`Error::Os`] if that cannot be read.
    pub fn identity(&self) -> Result<Option<Identity>, Error> {
        let Some(handle) = &self.handle else { return Ok(None) };
        // Before the start time is read. A process that reuses the pid starts at this time or later.
        let now = sys::start_time_now();
        let identity = match handle.unique_id() {
            Some(id) => Identity { mark: format!("id:{id}"), settled: true },
            None => match handle.started()? {
                None => return Ok(None),
                Some(started) => {
                    Identity { mark: format!("start:{started}"), settled: is_settled(started, now) }
                }
            },
        };
        Ok(handle.is_unreaped()?.then_some(identity))
    }

    /// Returns a token of the process, or `None` if it has been reaped.
    ///
    /// Right after the start of the process this may take as long as the clock of start times needs for a step: 16 ms at most.
    ///
    /// # Errors
    /// [`Error::TokenUnverifiable`] if the identity of the process is not known, or where its pid is valid.
    pub fn token(&self) -> Result<Option<Token>, Error> {
        let mut token = self.token_now()?;
        for _ in 0..MAX_TRIES {
            if token.as_ref().is_none_or(Token::is_unique) {
                break;
            }
            thread::sleep(INTERVAL);
            token = self.token_now()?;
        }
        Ok(token)
    }

    /// Returns a token, or `None` while a later process could have the same one.
    pub(super) fn unique_token(&self, started: Option<StartTime>) -> Option<Token> {
        self.token_of(started).ok().flatten().filter(Token::is_unique)
    }

    fn token_now(&self) -> Result<Option<Token>, Error> {
        self.token_of(self.started())
    }

    fn token_of(&self, started: Option<StartTime>) -> Result<Option<Token>, Error> {
        let Some(handle) = &self.handle else { return Ok(None) };
        let unverifiable = |reason| Error::TokenUnverifiable { pid: self.pid, reason };
        if handle.method() == Method::Pid {
            return Err(unverifiable("its identity is not known"));
        }
        let place = sys::place().ok_or_else(|| unverifiable(NO_PLACE))?;
        // Before the last look at the process. A process that reuses the pid starts at this time or later.
        let (clock, made) = (sys::pid_clock(), sys::start_time_now());
        let unique_id = handle.unique_id();
        if !handle.is_unreaped()? {
            return Ok(None);
        }
        if unique_id.is_none() && started.is_none() {
            return Err(unverifiable(NO_IDENTITY));
        }
        Ok(Some(Token { pid: self.pid, place: Some(place), started, unique_id, made, clock }))
    }

    /// Opens the process of a token. If it is over, that is the session or group which it has left behind. The target is
    /// gone if the process is over and has left none.
    ///
    /// # Errors
    /// [`Error::TokenUnverifiable`] if that cannot be told. [`Error::IdentityUnavailable`] as for [`KillTarget::from_pid`].
    pub fn from_token(token: &Token) -> Result<Self, Error> {
        let pid = token.pid;
        let unverifiable = |reason| Error::TokenUnverifiable { pid, reason };
        let mut has_same_clock = false;
        if let Some(place) = &token.place {
            let here = sys::place().ok_or_else(|| unverifiable(NO_PLACE))?;
            if here.boot != place.boot {
                return Ok(Self::gone(pid));
            }
            if here.namespace != place.namespace {
                return Err(unverifiable("it was made in another PID namespace"));
            }
            has_same_clock = here.clock == place.clock;
        }
        let target = match Self::from_pid(pid) {
            // Its number is in use for a thread, so it names nothing that the process has left.
            Err(Error::NotAProcess(_)) => return Ok(Self::gone(pid)),
            target => target?,
        };
        let Some(handle) = &target.handle else { return Self::left_by(token, has_same_clock) };
        let started = token.started.filter(|_| has_same_clock).zip(handle.started().ok().flatten());
        let same = match (token.unique_id.zip(handle.unique_id()), started) {
            (Some((one, other)), _) => Some(one == other),
            (None, Some((one, other))) if one != other => Some(false),
            (None, Some(_)) => token.is_settled().then_some(true),
            (None, None) => None,
        };
        match same {
            Some(true) => Ok(target),
            Some(false) => Ok(Self::gone(pid)),
            None if !handle.is_unreaped()? => Self::left_by(token, has_same_clock),
            None => Err(unverifiable(NO_IDENTITY)),
        }
    }

    /// Opens the session or group that the process of a token has left behind. The target is gone if there is none.
    fn left_by(token: &Token, has_same_clock: bool) -> Result<Self, Error> {
        let pid = token.pid;
        let target = Self::from_pid_or_group(pid)?;
        if target.handle.is_some() {
            return Ok(Self::gone(pid)); // Another process has the pid by now.
        }
        let Some(member) = &target.member else { return Ok(target) };
        let is_in_later_namespace = if has_same_clock { token.is_before_namespace() } else { None };
        if is_in_later_namespace == Some(true) {
            return Ok(Self::gone(pid));
        }
        let is_in_namespace = is_in_later_namespace == Some(false);
        // After the opening, so that the member which is held was found in time.
        match token.unique_id.and_then(sys::is_number_in_use) {
            Some(true) => return Ok(target),
            Some(false) => return Ok(Self::gone(pid)),
            None if is_in_namespace && token.is_pid_its_own() => return Ok(target),
            None if is_in_namespace && token.is_older_session_of(member) => return Ok(target),
            None => {}
        }
        Err(Error::TokenUnverifiable { pid, reason: "it is over, and a later process may have had its pid" })
    }
}

const NO_PLACE: &str = "the boot of the machine and the PID namespace cannot be read";
const NO_IDENTITY: &str = "its start time cannot be read or compared";

/// Returns whether a process that was started later has another start time.
fn is_settled(started: StartTime, now: Option<StartTime>) -> bool {
    now.is_some_and(|now| now.saturating_sub(started) >= sys::START_TIME_STEP)
}

impl Token {
    /// Returns whether no other process with the pid can have the same values.
    fn is_unique(&self) -> bool {
        self.unique_id.is_some() || self.is_settled()
    }

    /// Returns whether no later process with the pid can have the same start time.
    fn is_settled(&self) -> bool {
        self.started.is_some_and(|started| is_settled(started, self.made))
    }

    /// Returns whether the token was made before this PID namespace, in an earlier one with the same inode. Returns `None` if
    /// that cannot be told.
    fn is_before_namespace(&self) -> Option<bool> {
        let (made, started) = (self.made?, sys::namespace_started()?);
        (made != started).then_some(made < started)
    }

    /// Returns whether no other process can have had the pid since the token was made.
    fn is_pid_its_own(&self) -> bool {
        self.clock.is_some_and(sys::pids_not_reused_since)
    }

    /// Returns whether a process was in the session of the token's process when the token was made. No process can enter a
    /// session that exists, so this one still is the same.
    fn is_older_session_of(&self, member: &KillTarget) -> bool {
        let last_pid = self.clock.and_then(|clock| Pid::from_raw(clock.last_pid));
        let made = Moment { time: self.made, last_pid };
        sys::session_of(member.pid) == Some(self.pid) && member.started_before(made) && member.is_unreaped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_older_than_the_pid_namespace_was_made_in_one_before() {
        let token = |made| Token {
            pid: sys::own_pid(),
            place: sys::place(),
            started: None,
            unique_id: None,
            made: Some(made),
            clock: None,
        };
        let started = sys::namespace_started().unwrap();
        assert_eq!(token(started + 1).is_before_namespace(), Some(false));
        assert_eq!(token(started).is_before_namespace(), None);
        if let Some(earlier) = started.checked_sub(1) {
            assert_eq!(token(earlier).is_before_namespace(), Some(true));
        }
    }
}
