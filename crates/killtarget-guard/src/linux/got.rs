//! What the command, or the group of the guard, got from others by way of the guard.
//!
//! Who was asked to exit by others is not asked by this process as well, for as long as its grace period: a second signal may mean
//! to exit at once.

use super::{moment::Moment, procfs::Stat};
use crate::{
    common::clock::{Time, now},
    types::{Pid, Signal},
};

/// Who got a signal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Receiver {
    Command(Pid),
    /// All who were in this process group.
    Group(i32),
}

/// A signal that was got: when first, and until when that counts.
#[derive(Clone, Copy)]
struct Got {
    signal: Signal,
    receiver: Receiver,
    at: Moment,
    until: Time,
}

impl Got {
    fn counts(&self, signal: Signal) -> bool {
        self.signal == signal && now() < self.until
    }
}

/// The last signal for each kind of receiver.
#[derive(Default)]
pub(crate) struct Record {
    command: Option<Got>,
    group: Option<Got>,
}

impl Record {
    /// Takes note of the signal that asks to exit, before the command gets it. `grace`: for how many milliseconds it counts.
    pub(crate) fn note(&mut self, signal: Signal, receiver: Receiver, grace: u32) {
        let known = match receiver {
            Receiver::Command(_) => &mut self.command,
            Receiver::Group(_) => &mut self.group,
        };
        let until = now().after(grace);
        // What was started after the first one may be a clean-up.
        match known {
            Some(got) if got.counts(signal) => got.until = until,
            _ => *known = Some(Got { signal, receiver, at: Moment::now(), until }),
        }
    }

    /// Returns when a process got the signal, or `None` if it did not, or that counts no more.
    pub(crate) fn moment(&self, signal: Signal, pid: i32, stat: &Stat) -> Option<Moment> {
        let has_got = |got: &&Got| {
            got.at.is_after_start(stat.start, pid)
                && match got.receiver {
                    Receiver::Command(command) => command.raw() == pid,
                    Receiver::Group(group) => group == stat.group,
                }
                && got.counts(signal)
        };
        // The group got it at once, and the command only later.
        [&self.group, &self.command].into_iter().flatten().find(has_got).map(|got| got.at)
    }

    /// Returns when the command got the signal, or `None` if it did not, or that counts no more.
    pub(crate) fn moment_of_command(&self, signal: Signal) -> Option<Moment> {
        self.command.filter(|got| got.counts(signal)).map(|got| got.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: i32 = 500;
    const GROUP: i32 = 400;
    const GRACE: u32 = 600_000;

    fn stat(start: u64, group: i32) -> Stat {
        Stat { state: b'S', parent: 1, group, threads: 1, start }
    }

    fn noted(receiver: Receiver, grace: u32) -> Record {
        let mut record = Record::default();
        record.note(Signal::TERM, receiver, grace);
        record
    }

    #[test]
    fn a_signal_to_the_command_is_that_of_no_other_process() {
        let record = noted(Receiver::Command(Pid::new(COMMAND).unwrap()), GRACE);
        assert!(record.moment(Signal::TERM, COMMAND, &stat(0, GROUP)).is_some());
        assert!(record.moment(Signal::TERM, COMMAND + 1, &stat(0, GROUP)).is_none());
    }

    #[test]
    fn a_signal_to_the_group_is_that_of_all_who_were_in_it() {
        let record = noted(Receiver::Group(GROUP), GRACE);
        assert!(record.moment(Signal::TERM, COMMAND, &stat(0, GROUP)).is_some());
        assert!(record.moment(Signal::TERM, COMMAND, &stat(0, COMMAND)).is_none());
    }

    #[test]
    fn a_process_that_was_started_later_did_not_get_it() {
        for receiver in [Receiver::Command(Pid::new(COMMAND).unwrap()), Receiver::Group(GROUP)] {
            assert!(noted(receiver, GRACE).moment(Signal::TERM, COMMAND, &stat(u64::MAX, GROUP)).is_none());
        }
    }

    #[test]
    fn another_signal_was_not_got() {
        let record = noted(Receiver::Group(GROUP), GRACE);
        assert!(record.moment(Signal::HUP, COMMAND, &stat(0, GROUP)).is_none());
    }

    #[test]
    fn the_first_of_two_counts() {
        let receiver = Receiver::Command(Pid::new(COMMAND).unwrap());
        let mut record = noted(receiver, GRACE);
        let first = record.moment_of_command(Signal::TERM);
        std::process::Command::new("true").status().unwrap();
        record.note(Signal::TERM, receiver, GRACE);
        assert!(first.is_some());
        assert_eq!(record.moment_of_command(Signal::TERM), first);
    }

    #[test]
    fn a_signal_counts_for_the_grace_period() {
        let record = noted(Receiver::Group(GROUP), 0);
        assert!(record.moment(Signal::TERM, COMMAND, &stat(0, GROUP)).is_none());
    }
}
