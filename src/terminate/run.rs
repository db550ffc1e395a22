//! The ladder, carried out on those who are in scope.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    escalation::{Act, Ladder, Owed, Plan},
    report::{Outcome, Report},
    request::{Order, Teller},
    scan_schedule::Looks,
};
use crate::{
    scope::{
        liveness::Living,
        members::Members,
        recipients::To,
        survivor::{Reason, Survivor},
        sweep::{Sweep, Swept},
    },
    sys::{self, Listing, StartTime},
    target::KillTarget,
    types::{Error, Exit, Scope, Signal},
};

/// How often one look follows the other where somebody always has come and gone meanwhile. After that it is waited.
const MOST_LOOKS: usize = 2;

/// How long at most between two looks at processes that can't be waited for.
pub(super) const LONGEST_BLIND: Duration = Duration::from_millis(50);

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
    /// Whether it can't go on without a look.
    wants_look: bool,
    /// Whether nobody has ended since the last look, so that what that showed still holds.
    is_sure: bool,
    looks_in_turn: usize,
    /// What was sent to all.
    sent: Vec<Signal>,
    /// The time of a round that went to all of the group in one step, until the look that follows it.
    round: Option<StartTime>,
    /// SIGKILL to a tree, for as long as it is being sent.
    sweep: Option<Sweep>,
    /// Whether this process is about to end: what takes time is not begun any more.
    is_last_chance: bool,
}

/// One call, which goes up its own ladder.
struct Call {
    number: usize,
    ladder: Ladder,
    plan: Plan,
    started: Instant,
    teller: Teller,
    /// Whether it has found anyone alive.
    found_any: bool,
    /// Whether its SIGKILL is just being sent.
    is_killing: bool,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was sent for it yet.
    New,
    Begun,
    /// All others are done with, and it is the calling process's turn.
    AtMe,
}

/// A turn for each: first all is done that can be done at once, then one look serves all who want one, and so on. So nobody
/// who is due waits for the others' looks. Who panics is given up, and by that says so to those who wait.
pub(crate) fn turn(jobs: &mut [&mut Job]) {
    for job in jobs.iter_mut() {
        job.looks_in_turn = 0;
        if let Some(sweep) = &mut job.sweep {
            sweep.has_had_its_turn = false;
        }
        job.guarded(Job::act);
    }
    while jobs.iter().any(|job| job.wants_look) {
        let listing = Listing::default();
        for job in jobs.iter_mut().filter(|job| job.wants_look) {
            job.guarded(|job| {
                let (begin, taken) = (Instant::now(), listing.took());
                job.look(&listing);
                let end = Instant::now();
                // Who shares the listing rests for as long as who has taken it.
                job.looks.took(end, taken + (end - begin));
                job.act();
            });
        }
    }
}

impl Job {
    pub(crate) fn new(mut order: Order) -> Self {
        let members = order.members.take();
        let has_looked = members.is_some();
        let mut members =
            members.unwrap_or_else(|| Members::new(&order.target, order.scope, order.allow_self));
        if order.has_lived {
            members.count_root();
        }
        let can_have_others = members.can_have_others();
        let mut job = Self {
            members,
            calls: Vec::new(),
            looks: Looks::new(can_have_others),
            wants_look: can_have_others && !has_looked,
            is_sure: !can_have_others,
            looks_in_turn: 0,
            sent: Vec::new(),
            round: None,
            sweep: None,
            is_last_chance: false,
        };
        job.join(order);
        job
    }

    /// Whether it is at what is ordered: the same scope of the same process.
    pub(crate) fn is_at(&self, order: &Order) -> bool {
        let root = self.members.root();
        // Two that are there at the same time under one number are one.
        let is_same = || root.pid() == order.target.pid() && root.is_unreaped() && order.target.is_unreaped();
        let (scope, allow_self) = (self.members.scope(), self.members.may_hold_kin());
        (scope, allow_self) == (order.scope, order.allow_self)
            && (Arc::ptr_eq(root, &order.target) || is_same())
    }

    /// Goes up one more ladder.
    pub(crate) fn join(&mut self, order: Order) {
        let Order { plan, started, number, mut teller, forced, has_lived, .. } = order;
        if let Some(refusal) = self.members.refusal() {
            teller.tell(Err(refusal));
            return;
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
            found_any: has_lived,
            is_killing: false,
            phase: Phase::New,
        });
    }

    /// Skips what is left of the graces, of one call or of all.
    pub(crate) fn force(&mut self, number: Option<usize>) {
        self.is_last_chance |= number.is_none();
        let calls = self.calls.iter_mut().filter(|call| number.is_none_or(|number| call.number == number));
        calls.for_each(|call| call.ladder.force());
    }

    /// Takes note of how the root has ended.
    pub(crate) fn root_has_ended(&mut self, exit: Exit) {
        self.members.note_root_exit(exit);
    }

    /// What comes after a turn.
    pub(crate) fn next(&self) -> Turn {
        if self.calls.is_empty() {
            return Turn::Done;
        }
        if let Some(sweep) = &self.sweep {
            return Turn::Wait(Some(sweep.due));
        }
        let calls = self.calls.iter().map(|call| call.ladder.due());
        Turn::Wait(calls.chain([self.looks.next]).flatten().min())
    }

    /// Whether SIGKILL is just being sent.
    pub(crate) fn is_sweeping(&self) -> bool {
        self.sweep.is_some()
    }

    fn guarded(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            self.wants_look = false;
            self.sweep = None;
            self.calls.clear();
        }
    }

    /// Does all that can be done without a look.
    fn act(&mut self) {
        if self.looks.are_due(Instant::now()) && self.sweep.is_none() {
            self.wants_look = true;
        }
        // What one call does may be what another one has waited for.
        while !self.wants_look && self.sweep.is_none() && self.go_round() {}
        if self.sweep.is_some() {
            self.report_overdue();
        }
        if let Some(sweep) = &self.sweep {
            // By one look in each turn, so that others have theirs.
            self.wants_look = sweep.due <= Instant::now() && !sweep.has_had_its_turn;
        }
    }

    /// Has each call do what is to be done now. False: none had anything to do.
    fn go_round(&mut self) -> bool {
        let mut has_acted = false;
        let mut place = 0;
        while place < self.calls.len() {
            let Some(living) = self.living(place) else {
                self.wants_look = true;
                return false;
            };
            let Some(call) = self.calls.get_mut(place) else { break };
            call.found_any |= living != Living::Nobody;
            let act = call.ladder.turn(Instant::now(), living);
            has_acted |= act != Act::Wait;
            match act {
                Act::Signal(signals, to) => self.signal(place, signals, to),
                Act::Kill => {
                    self.kill(place);
                    // By now, or in a moment.
                    if self.sweep.is_some() {
                        return true;
                    }
                }
                Act::Wait => place += 1,
                Act::Finish if self.begin_with_me(place) => {}
                Act::Finish => self.report(place),
            }
        }
        has_acted
    }

    /// Who lives, as far as this call is still concerned. `None`: a look has to tell whether anybody does.
    fn living(&mut self, place: usize) -> Option<Living> {
        if self.calls.get(place).is_some_and(|call| call.phase == Phase::AtMe) {
            return Some(Living::Some);
        }
        if self.members.refresh() {
            self.is_sure = !self.members.can_have_others();
            if !self.members.are_doomed() {
                self.looks.hurry(Instant::now());
            }
        }
        let living = self.members.who_lives();
        let is_known = !self.members.living().is_empty() || self.is_sure && !self.members.are_hearsay();
        if is_known {
            return Some(living);
        }
        if self.looks_in_turn < MOST_LOOKS {
            return None;
        }
        self.looks.repeat(Instant::now());
        // They come and go faster than one can look. Whether any do is known to the kernel.
        Some(self.members.who_is_there())
    }

    /// Takes in who has come. Who was not there before is owed what the others have been sent.
    fn look(&mut self, listing: &Listing) {
        self.wants_look = false;
        self.looks_in_turn += 1;
        if let Some(sweep) = self.sweep.take() {
            self.sweep_on(sweep, listing);
            return;
        }
        self.is_sure = true;
        let newcomers = self.members.look(listing);
        if let Some(refusal) = self.members.refusal() {
            self.refuse(&refusal);
        }
        let round = self.round.take();
        let any_new = newcomers < self.members.living().len();
        if !any_new && !self.members.have_missed() {
            return;
        }
        let owed: Vec<_> = self.calls.iter().map(|call| call.ladder.owed()).collect();
        if owed.contains(&Owed::Kill) {
            self.kill_newcomers();
            return;
        }
        let mut signals: Vec<Signal> = Vec::new();
        for owed in owed {
            if let Owed::Signals(more) = owed {
                let new: Vec<_> = more.iter().copied().filter(|signal| !signals.contains(signal)).collect();
                signals.extend(new);
            }
        }
        for newcomer in self.members.living_mut().iter_mut().skip(newcomers) {
            // Who came before the round and was not seen then has it from the group.
            if round.is_none_or(|at| !newcomer.target.started_before(at)) {
                newcomer.send_all(&signals);
            }
        }
    }

    fn sweep_on(&mut self, mut sweep: Sweep, listing: &Listing) {
        sweep.has_had_its_turn = true;
        match sweep.go_on(&mut self.members, listing) {
            Swept::NotYet => {
                self.sweep = Some(sweep);
                return;
            }
            Swept::All if !self.members.have_missed() => self.have_killed(),
            Swept::All | Swept::Hastily => self.has_sent(),
        }
        for call in &mut self.calls {
            if mem::take(&mut call.is_killing) {
                call.ladder.has_killed(Instant::now());
            }
        }
    }

    fn signal(&mut self, place: usize, mut signals: Vec<Signal>, to: To) {
        if let Some(me) = self.me_at(place) {
            for signal in signals {
                // It is this process that is signalled, which may be so.
                let _ = me.signal(signal);
            }
            return;
        }
        if self.begin(place) {
            // A call that joins begins with what is new.
            signals.retain(|signal| !self.sent.contains(signal));
        }
        let at = sys::moment();
        let by_group = self.members.signal(&signals, to);
        if to == To::All {
            self.round = at.filter(|_| by_group && sys::SIGNALS_GROUPS_AT_ONCE);
            self.sent.extend(signals);
        }
        self.has_sent();
    }

    /// Something is about to be sent for the call. True: it is the first.
    fn begin(&mut self, place: usize) -> bool {
        let new = self.calls.get_mut(place).filter(|call| call.phase == Phase::New);
        new.map(|call| call.phase = Phase::Begun).is_some()
    }

    fn kill(&mut self, place: usize) {
        if let Some(me) = self.me_at(place) {
            let _ = me.signal(Signal::KILL);
            return;
        }
        self.begin(place);
        self.kill_all();
        if let Some(call) = self.calls.get_mut(place) {
            call.is_killing = self.sweep.is_some();
        }
    }

    /// Those who were not there, or not to be told from others, when SIGKILL was sent.
    fn kill_newcomers(&mut self) {
        if self.is_last_chance {
            self.members.kill();
            return;
        }
        self.kill_all();
        if let Some(sweep) = &mut self.sweep {
            // Others, and the calls whose time is up, come first.
            sweep.has_had_its_turn = true;
        }
    }

    /// Whoever comes, and however often it is swept: once its time is up, a call is told.
    fn report_overdue(&mut self) {
        let now = Instant::now();
        while let Some(place) =
            self.calls.iter().position(|call| !call.is_killing && call.ladder.is_over(now))
        {
            if !self.begin_with_me(place) {
                self.report(place);
            }
        }
        if self.calls.is_empty() {
            self.members.kill_deepest_first();
            self.sweep = None;
        }
    }

    fn kill_all(&mut self) {
        let in_one_step = match self.members.scope() {
            Scope::Process => true,
            Scope::Group => sys::SIGNALS_GROUPS_AT_ONCE,
            Scope::Tree => false,
        };
        if !in_one_step {
            self.sweep = Some(Sweep::new());
            return;
        }
        self.members.kill();
        self.has_sent();
    }

    /// After each round it is looked who has come meanwhile.
    fn has_sent(&mut self) {
        self.looks.begin_anew(Instant::now());
        self.is_sure = !self.members.can_have_others();
        self.looks_in_turn = 0;
        self.wants_look |= self.members.can_have_others();
    }

    /// After SIGKILL to everyone nobody has come: it is enough to look once all are over, or don't seem to end.
    fn have_killed(&mut self) {
        self.looks.begin_late(Instant::now());
        self.is_sure = false;
        self.looks_in_turn = 0;
    }

    /// A tree may turn out to hold who is protected only when it is looked through. Calls that have sent nothing yet are
    /// refused then; the others go on without him.
    fn refuse(&mut self, refusal: &Error) {
        let new = self.calls.extract_if(.., |call| call.phase == Phase::New);
        for mut call in new {
            call.teller.tell(Err(refusal.clone()));
        }
    }

    /// The calling process, where this call has come to that.
    fn me_at(&self, place: usize) -> Option<&Arc<KillTarget>> {
        self.members.me().filter(|_| self.calls.get(place).is_some_and(|call| call.phase == Phase::AtMe))
    }

    /// Where the calling process is in scope, it comes last: by the same ladder from its first step on.
    fn begin_with_me(&mut self, place: usize) -> bool {
        let Some(call) = self.calls.get_mut(place) else { return false };
        // One that has come into scope uninvited is left alone.
        if self.members.me().is_none() || call.phase == Phase::AtMe || !self.members.may_hold_kin() {
            return false;
        }
        call.phase = Phase::AtMe;
        call.ladder = Ladder::new(call.plan.clone());
        true
    }

    fn report(&mut self, place: usize) {
        let mut call = self.calls.remove(place);
        self.members.refresh();
        let mut survivors = self.members.survivors();
        if let Some(me) = self.members.me().filter(|_| call.phase == Phase::AtMe) {
            survivors.push(Survivor { process: me.info(), reason: Reason::Timeout });
        }
        let living = self.members.who_lives();
        if living == Living::Untouchables && self.members.ended() == 0 && self.members.me().is_none() {
            return call.teller.tell(Err(sys::not_permitted("kill")));
        }
        let outcome = match () {
            // Also where nobody of them can be named.
            () if !survivors.is_empty() || living != Living::Nobody => Outcome::Survived,
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
