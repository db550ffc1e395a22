//! The end of the command's processes.

use std::os::fd::BorrowedFd;

use super::{
    child::Child, kill::Rounds, message::Message, polite::Politeness, procfs::OwnChildren, request::Ask,
};
use crate::{
    arguments::Options,
    common::{
        clock::{Time, now},
        escalation::{Escalation, Step},
    },
    sys::Errno,
    types::End,
};

/// How long the guard may take to pass on what has come before, in milliseconds. Something may have stopped it.
const GUARD_TIMEOUT: u32 = 1000;

pub(crate) struct Ending {
    escalation: Escalation,
    politeness: Politeness,
    rounds: Rounds,
}

impl Ending {
    /// Reserves what is needed later.
    pub(crate) fn new(options: &Options) -> Result<Self, Errno> {
        let politeness = Politeness::new(options.kill_signal, options.grace)?;
        Ok(Self { escalation: Escalation::new(options), politeness, rounds: Rounds::new() })
    }

    pub(crate) const fn has_begun(&self) -> bool {
        self.escalation.has_begun()
    }

    /// Begins, or hurries.
    pub(crate) fn begin(&mut self, end: End) {
        self.forget_old_request();
        self.escalation.begin(end, now());
    }

    /// Begins as the command has exited.
    pub(crate) fn begin_at_exit(&mut self, end: End) {
        self.forget_old_request();
        self.escalation.begin_at_exit(end, now());
    }

    /// Records that another process has asked all to exit, and gives them so many milliseconds.
    pub(crate) fn note_asked(&mut self, time: u32) {
        self.escalation.note_asked(now(), time);
    }

    /// Asks all to exit as another process has requested it.
    pub(crate) fn ask(&mut self, ask: Ask) {
        self.forget_old_request();
        self.politeness.use_signal(ask.signal);
        self.escalation.ask(now(), ask.time());
    }

    fn forget_old_request(&mut self) {
        if self.escalation.is_request_over(now()) {
            self.politeness.forget();
        }
    }

    /// Takes note of a signal that the guard passes on, before the command gets it. Returns false if the command has it from this
    /// process: who has ended the host sends it to one process after the other. `is_host_over`: whether the host has exited.
    pub(crate) fn note_passed_on(&mut self, message: Message, command: &Child, is_host_over: bool) -> bool {
        let (Message::Deliver(signal) | Message::DeliverOutside(signal)) = message else { return true };
        if is_host_over && self.politeness.has_asked(signal) {
            return false;
        }
        self.politeness.note_passed_on(signal, command.receiver());
        if message == Message::DeliverOutside(signal) {
            self.politeness.note_passed_on(signal, command.receivers());
        }
        true
    }

    /// The guard has passed on what has come before.
    pub(crate) fn go_on(&mut self) {
        self.escalation.search_now(now());
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        self.escalation.due()
    }

    /// Does what is due. `guard`: the way to the guard. It may have to pass on that others have asked, who have ended the host or the
    /// command by that.
    pub(crate) fn advance(&mut self, children: &OwnChildren, has_reaped: bool, guard: Option<BorrowedFd>) {
        let now = now();
        if self.escalation.begins_to_search() && guard.is_some_and(|guard| Message::Settle.send(guard)) {
            self.escalation.postpone_searches(now, GUARD_TIMEOUT);
        }
        match self.escalation.step(now, has_reaped) {
            Step::Nothing => {}
            Step::Ask => self.politeness.ask(children),
            Step::Kill => self.escalation.kill_again_at(now.after(self.rounds.next(children, has_reaped))),
        }
    }
}
