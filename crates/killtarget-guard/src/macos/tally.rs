//! Which signals the command has already.
//!
//! The guard, its keeper and the command are in one process group. What is sent to the group, as the terminal does, reaches all
//! three. What is sent to the guard alone has to be passed on. The system does not say which of the two a signal was: but only the
//! former reaches the keeper.
//!
//! The kernel signals the newest member of a group first (xnu, `pgrp_add_member`, `pgrp_iterate`), so the keeper has got it
//! before the guard has.

use crate::types::Signal;

const SIGNALS: usize = 32;

/// How often each signal was sent.
pub(crate) struct Tally {
    guard: [u32; SIGNALS],
    keeper: [u32; SIGNALS],
    passed_on: [u32; SIGNALS],
}

impl Tally {
    pub(crate) const fn new() -> Self {
        Self { guard: [0; SIGNALS], keeper: [0; SIGNALS], passed_on: [0; SIGNALS] }
    }

    /// Counts what the guard got.
    pub(crate) fn add(&mut self, signal: Signal, count: u32) {
        *place(&mut self.guard, signal) += count;
    }

    /// Takes how often the keeper got a signal in all, if it has answered. Returns whether the guard got it once more: the command
    /// has not got it then.
    pub(crate) fn settle(&mut self, signal: Signal, keeper: Option<u32>) -> bool {
        if let Some(count) = keeper {
            *place(&mut self.keeper, signal) = count;
        }
        let known = *place(&mut self.keeper, signal) + *place(&mut self.passed_on, signal);
        let missing = place(&mut self.guard, signal).saturating_sub(known);
        *place(&mut self.passed_on, signal) += missing;
        missing > 0
    }
}

fn place(counts: &mut [u32; SIGNALS], signal: Signal) -> &mut u32 {
    let at = usize::try_from(signal.raw()).unwrap_or(0) % SIGNALS;
    // The remainder is in bounds.
    &mut counts[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_to_the_guard_alone_is_passed_on_once() {
        let mut tally = Tally::new();
        tally.add(Signal::TERM, 2);
        assert!(tally.settle(Signal::TERM, Some(0)));
        assert!(!tally.settle(Signal::TERM, Some(0)));
        assert!(!tally.settle(Signal::HUP, Some(0)));
    }

    #[test]
    fn a_signal_to_the_group_is_not_passed_on() {
        let mut tally = Tally::new();
        tally.add(Signal::HUP, 1);
        assert!(!tally.settle(Signal::HUP, Some(1)));
        // To the guard, then to the group.
        tally.add(Signal::HUP, 2);
        assert!(tally.settle(Signal::HUP, Some(2)));
        // One to the guard, while the keeper has the next one of the group before the guard: it is passed on after that.
        tally.add(Signal::HUP, 1);
        assert!(!tally.settle(Signal::HUP, Some(3)));
        tally.add(Signal::HUP, 1);
        assert!(tally.settle(Signal::HUP, Some(3)));
    }

    #[test]
    fn without_an_answer_a_signal_is_passed_on() {
        let mut tally = Tally::new();
        tally.add(Signal::TERM, 1);
        assert!(tally.settle(Signal::TERM, None));
        // The answer that comes with the next one makes up for it.
        tally.add(Signal::TERM, 1);
        assert!(!tally.settle(Signal::TERM, Some(2)));
    }
}
