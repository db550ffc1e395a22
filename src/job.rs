//! The ladder, carried out on those who are in scope.

use std::{sync::Arc, time::Instant};

use crate::{
    exit::Exit,
    ladder::{Act, Ladder, Living, Owed, Plan, To},
    looks::Looks,
    members::Members,
    report::{Outcome, Reason, Report, Survivor},
    scope::Scope,
    signal::Signal,
    sys,
    target::KillTarget,
    terminate::{Order, Teller},
};

/// What comes next.
pub(crate) enum Turn {
    /// Nothing before somebody ends, or it is that time.
    Wait(Option<Instant>),
    /// All was reported.
    Done,
}

/// Everything in one scope that is being ended, for one call or for several.
pub(crate) struct Job {
    pub(crate) members: Members,
    calls: Vec<Call>,
    looks: Looks,
    /// What was sent to all.
    sent: Vec<Signal>,
}

/// One call, which goes up its own ladder.
struct Call {
    number: usize,
    ladder: Ladder,
    plan: Plan,
    started: Instant,
    teller: Teller,
    /// Whether the calling process may be in scope. One that comes into it meanwhile uninvited is left alone.
    allow_self: bool,
    /// Whether it has found anyone alive.
    found_any: bool,
    /// Whether all others are done with, and it is the calling process's turn.
    is_at_me: bool,
}

impl Job {
    pub(crate) fn new(mut order: Order) -> Self {
        let members = order.members.take();
        let mut members = members.unwrap_or_else(|| Members::find(&order.target, order.scope));
        if order.has_lived {
            members.count_root();
        }
        let looks = Looks::new(order.scope != Scope::Process);
        let mut job = Self { members, calls: Vec::new(), looks, sent: Vec::new() };
        job.join(order);
        job
    }

    /// Whether it is at what is ordered: the same scope of the same process.
    pub(crate) fn is_at(&self, order: &Order) -> bool {
        let root = self.members.root();
        // Two that are there at the same time under one number are one.
        let is_same = || root.pid() == order.target.pid() && root.is_unreaped() && order.target.is_unreaped();
        self.members.scope() == order.scope && (Arc::ptr_eq(root, &order.target) || is_same())
    }

    /// Goes up one more ladder. What was sent before is not sent once more as its first step.
    pub(crate) fn join(&mut self, order: Order) {
        let Order { mut plan, started, number, teller, forced, allow_self, has_lived, .. } = order;
        if let Some(first) = plan.steps.first_mut() {
            first.signals.retain(|signal| !self.sent.contains(signal));
        }
        let mut ladder = Ladder::new(plan.clone());
        if forced {
            ladder.force();
        }
        self.calls.push(Call {
            number,
            ladder,
            plan,
            started,
            teller,
            allow_self,
            found_any: has_lived,
            is_at_me: false,
        });
    }

    /// Skips what is left of the graces, of one call or of all.
    pub(crate) fn force(&mut self, number: Option<usize>) {
        let calls = self.calls.iter_mut().filter(|call| number.is_none_or(|number| call.number == number));
        calls.for_each(|call| call.ladder.force());
    }

    /// Takes note of how the root has ended.
    pub(crate) fn root_has_ended(&mut self, exit: Exit) {
        self.members.note_root_exit(exit);
    }

    /// Does all that is to be done now.
    pub(crate) fn turn(&mut self) -> Turn {
        if self.members.refresh() {
            self.looks.hurry(Instant::now());
        }
        if self.looks.are_due(Instant::now()) {
            self.look();
        }
        // What one call does may be what another one has waited for.
        let until = loop {
            if let Some(Turn::Wait(until)) = self.go_round() {
                break until;
            }
        };
        // Only now, as each round has others follow.
        let until = [until, self.looks.next].into_iter().flatten().min();
        if self.calls.is_empty() { Turn::Done } else { Turn::Wait(until) }
    }

    /// Has each call do what is to be done now. Gives when the next of them is due, where none had anything to do.
    fn go_round(&mut self) -> Option<Turn> {
        let mut until = None;
        let mut has_acted = false;
        let mut place = 0;
        while place < self.calls.len() {
            let living = self.living(place);
            let Some(call) = self.calls.get_mut(place) else { break };
            call.found_any |= living != Living::Nobody;
            let act = call.ladder.turn(Instant::now(), living);
            has_acted |= !matches!(act, Act::Wait(_));
            match act {
                Act::Signal(signals, to) => self.signal(place, &signals, to),
                Act::Kill => self.kill(place),
                Act::Wait(due) => {
                    until = [until, due].into_iter().flatten().min();
                    place += 1;
                }
                Act::Finish if self.begin_with_me(place) => {}
                Act::Finish => self.report(place),
            }
        }
        (!has_acted).then_some(Turn::Wait(until))
    }

    /// Who lives, as far as this call is still concerned. That nobody does is said after another look only.
    fn living(&mut self, place: usize) -> Living {
        if self.calls.get(place).is_some_and(|call| call.is_at_me) {
            return Living::Some;
        }
        self.members.refresh();
        if self.members.who_lives() == Living::Nobody {
            self.look();
        }
        self.members.who_lives()
    }

    /// Who was not there before is owed what the others have been sent.
    fn look(&mut self) {
        let begin = Instant::now();
        let newcomers = self.members.look();
        self.looks.took(begin, Instant::now());
        if newcomers == self.members.living().len() {
            return;
        }
        let owed: Vec<_> = self.calls.iter().map(|call| call.ladder.owed()).collect();
        if owed.contains(&Owed::Kill) {
            self.members.kill();
            return;
        }
        let mut signals = Vec::new();
        for owed in owed {
            if let Owed::Signals(more) = owed {
                signals.extend(
                    more.iter().copied().filter(|signal| !signals.contains(signal)).collect::<Vec<_>>(),
                );
            }
        }
        self.members.signal_newcomers(newcomers, &signals);
    }

    fn signal(&mut self, place: usize, signals: &[Signal], to: To) {
        if let Some(me) = self.me_at(place) {
            for signal in signals {
                // It is this process that is signalled, which may be so.
                let _ = me.signal(*signal);
            }
            return;
        }
        self.members.signal(signals, to);
        self.looks.begin_anew(Instant::now());
        if to == To::All {
            self.sent.extend(signals);
        }
    }

    fn kill(&mut self, place: usize) {
        if let Some(me) = self.me_at(place) {
            let _ = me.signal(Signal::KILL);
            return;
        }
        self.members.kill();
        self.looks.begin_anew(Instant::now());
    }

    /// The calling process, where this call has come to that.
    fn me_at(&self, place: usize) -> Option<&Arc<KillTarget>> {
        self.members.me().filter(|_| self.calls.get(place).is_some_and(|call| call.is_at_me))
    }

    /// Where the calling process is in scope, it comes last: by the same ladder from its first step on.
    fn begin_with_me(&mut self, place: usize) -> bool {
        let Some(call) = self.calls.get_mut(place) else { return false };
        if self.members.me().is_none() || call.is_at_me || !call.allow_self {
            return false;
        }
        call.is_at_me = true;
        call.ladder = Ladder::new(call.plan.clone());
        true
    }

    fn report(&mut self, place: usize) {
        let mut call = self.calls.remove(place);
        self.members.refresh();
        let mut survivors = self.members.survivors();
        if let Some(me) = self.members.me().filter(|_| call.is_at_me) {
            survivors.push(Survivor { process: me.info(), reason: Reason::Timeout });
        }
        let is_refused = self.members.are_untouchable() && self.members.ended() == 0;
        if is_refused && self.members.me().is_none() {
            return call.teller.tell(Err(sys::not_permitted("kill")));
        }
        let outcome = match () {
            () if !survivors.is_empty() || self.members.are_untouchable() => Outcome::Survived,
            () if !call.found_any => Outcome::Gone,
            () if self.members.were_killed() => Outcome::Killed,
            () => Outcome::Exited,
        };
        call.teller.tell(Ok(Report {
            outcome,
            exit: self.members.root_exit(),
            ended: self.members.ended(),
            survivors,
            race_free: self.members.race_free(),
            proof: self.members.proof(),
            elapsed: call.started.elapsed(),
        }));
    }
}
