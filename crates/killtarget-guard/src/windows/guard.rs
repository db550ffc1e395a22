//! The guard once the command runs: it waits, and takes no memory.

use super::{
    board::Board,
    ending::end_all,
    hosts::Hosts,
    sys::{self, Event, Job, Process, Waitable},
};
use crate::{
    arguments::{Leftovers, Options},
    types::MAX_HOSTS,
};

/// How long a command may take to exit by itself after its input has ended, in milliseconds.
const INPUT_GRACE: u32 = 1000;

/// The exit code if the guard has ended the command before it exited.
const ENDED: u32 = 1;

pub(super) struct Guard {
    leaves: bool,
    /// How long the command may run, in milliseconds.
    timeout: Option<u32>,
    parts: Parts,
}

/// What the guard has opened before the command was started.
pub(super) struct Parts {
    pub(super) board: Board,
    pub(super) job: Job,
    pub(super) hosts: Hosts,
    pub(super) command: Process,
    /// Is set once the other end of standard input is closed.
    pub(super) input: Option<Event>,
}

impl Guard {
    pub(super) fn new(options: &Options, parts: Parts) -> Self {
        Self { leaves: options.leftovers == Leftovers::Leave, timeout: options.timeout, parts }
    }

    pub(super) fn run(self) -> ! {
        let Parts { board, hosts, command, input, .. } = &self.parts;
        let mut waited: [Option<Waitable>; 3 + MAX_HOSTS] = [None; 3 + MAX_HOSTS];
        let others = [Some(command.waitable()), Some(board.request().waitable())];
        let hosts = hosts.iter().map(|host| Some(host.waitable()));
        let input = input.as_ref().map(Event::waitable);
        for (place, object) in waited.iter_mut().zip([input].into_iter().chain(others).chain(hosts)) {
            *place = object;
        }
        sys::wait_any(waited, self.timeout);
        // After the other end of its input is closed, a command that exits by itself is not ended.
        waited[0] = None;
        if self.parts.input.as_ref().is_some_and(Event::is_set) {
            sys::wait_any(waited, Some(INPUT_GRACE));
        }
        self.finish()
    }

    fn finish(self) -> ! {
        let Parts { board, job, command, .. } = &self.parts;
        let status = command.exit_code();
        if status.is_some() && self.leaves && !board.request().is_set() {
            job.let_go();
        } else {
            end_all(job);
            board.say_over();
        }
        sys::exit(status.unwrap_or(ENDED))
    }
}
