//! The signals that the guard gets: those of its command are passed on.

use super::{guard::Guard, link::Link, request};
use crate::{
    sys::{self, Event, Events},
    types::Signal,
};

impl Guard<'_> {
    /// The keeper is ready: the signals are counted from here on, and the command may begin.
    ///
    /// What comes until then reaches the command at the gate, where it blocks all signals. So it gets once what the group has got,
    /// too.
    pub(super) fn begin_to_count(&mut self) {
        if self.has_begun {
            return;
        }
        self.pass_on_all();
        if !self.keeper.as_ref().is_some_and(Link::reset) {
            return self.lose_keeper();
        }
        self.has_begun = true;
        // Those that the keeper has counted before.
        self.pass_on_all();
        if !self.custody.has_begun() {
            self.gate.let_by_guard();
        }
    }

    fn pass_on_all(&mut self) {
        let events = self.custody.queue.wait(Some(0));
        self.treat_exits(&events);
        self.pass_on(&events);
    }

    pub(super) fn pass_on(&mut self, events: &Events) {
        for event in events.iter() {
            if let Event::Signal(signal, count) = event {
                self.receive(signal, count);
            }
        }
    }

    /// Passes a signal on to the command, unless the command has it already.
    pub(super) fn receive(&mut self, signal: Signal, count: u32) {
        // The kernel sends the former for each child. That others send it cannot be told.
        if signal == Signal::CHLD || request::is_kill(signal) {
            return;
        }
        if request::is_begin(signal) && !self.gate.is_open() && !self.custody.has_begun() {
            self.gate.let_by_host();
        }
        // Also if it has left the group that has got the signal.
        if self.status.is_none()
            && (self.is_for_guard(signal, count) || sys::group_of(self.command) != Some(self.group))
        {
            let _ = sys::kill(self.command, signal);
        }
    }

    /// Returns whether a signal was sent to the guard alone, and not to its group.
    fn is_for_guard(&mut self, signal: Signal, count: u32) -> bool {
        if !self.has_begun {
            return true;
        }
        self.tally.add(signal, count);
        let counted = self.keeper.as_ref().and_then(|keeper| keeper.count(signal));
        self.tally.settle(signal, counted)
    }
}
