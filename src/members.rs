//! Who is in scope: found, each held by a handle of its own, and signalled through that. Nobody is signalled who was
//! not seen, through its handle, to be in scope.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    delivery::Delivery,
    error::Error,
    exit::Exit,
    identity::Verification,
    info::ProcessInfo,
    ladder::{Living, To},
    method::Method,
    pid::Pid,
    reactor::Watching,
    report::{Proof, Reason, Survivor},
    scope::Scope,
    signal::Signal,
    sys::{self, Listing, Sight, Whose},
    target::KillTarget,
};

/// How long one look may take. Who was not seen by then is seen by the next.
const LONGEST_LOOK: Duration = Duration::from_millis(100);

/// Everyone in scope who lives, and what has become of the others.
pub(crate) struct Members {
    root: Arc<KillTarget>,
    scope: Scope,
    /// The root first.
    living: Vec<Member>,
    /// The calling process, where it is in scope: it is not among the others, and comes last.
    me: Option<Arc<KillTarget>>,
    ended: usize,
    /// Who was over already when the next look begins. Whoever is found to be over and is not among them may have left
    /// somebody behind while it was looked.
    over: HashSet<Pid>,
    /// How the root has ended, from the first moment on that it could be known: later it may not be.
    root_exit: Option<Exit>,
    /// Whether SIGKILL was sent to anyone who lived.
    killed: bool,
    /// Whether it was sent to all of the group in one step, which nobody who was in it outlives.
    group_killed: bool,
    race_free: bool,
    seen: Seen,
}

/// What the last look has shown, beside who lives.
struct Seen {
    sight: Sight,
    /// Whether somebody may have been overlooked who came while others went.
    has_gaps: bool,
    /// Those that are over and were not reaped yet.
    zombies: usize,
    /// Those of whom it can't be told whether they are in scope.
    unverified: Vec<ProcessInfo>,
}

pub(crate) struct Member {
    pub(crate) target: Arc<KillTarget>,
    /// It may not be signalled.
    is_untouchable: bool,
    /// By whom its end is told, where somebody waits for that.
    pub(crate) watching: Option<Watching>,
}

impl Member {
    /// False: it may not be sent that.
    pub(crate) fn send(&mut self, signal: Signal) -> bool {
        let is_permitted = match self.target.signal(signal) {
            Err(error) if error.is_not_permitted() => false,
            Ok(_) => true,
            // It can't be told from others just now: nothing was sent.
            Err(_) => return true,
        };
        // Anyone in its session may continue it, who may do nothing else to it. (kill(2))
        if signal != Signal::CONT {
            self.is_untouchable = !is_permitted;
        }
        is_permitted
    }

    pub(crate) fn send_all(&mut self, signals: &[Signal]) {
        for signal in with_continue(signals) {
            self.send(signal);
        }
    }
}

impl Members {
    /// The root, if it lives, and nobody else yet.
    pub(crate) fn new(root: &Arc<KillTarget>, scope: Scope) -> Self {
        let seen = Seen { sight: Sight::All, has_gaps: false, zombies: 0, unverified: Vec::new() };
        let mut members = Self {
            root: Arc::clone(root),
            scope,
            living: Vec::new(),
            me: None,
            ended: 0,
            over: HashSet::new(),
            root_exit: None,
            killed: false,
            group_killed: false,
            race_free: true,
            seen,
        };
        if is_alive(root) {
            members.admit(Arc::clone(root));
        } else {
            members.over.insert(root.pid());
        }
        members.find_me();
        members
    }

    /// Whether the calling process is in the group is not left to what can be seen: the group must not be signalled then.
    fn find_me(&mut self) {
        let me = sys::own_pid();
        let is_in_it = self.scope == Scope::Group && sys::group_of(me) == Some(self.root.pid());
        if is_in_it && self.me.is_none() && self.root.whose_group() != Whose::Others {
            // It is there for certain, and can't be another.
            self.me = KillTarget::from_pid_with(me, Verification::Optional).ok().map(Arc::new);
        }
    }

    /// Everyone who is in scope now.
    pub(crate) fn find(root: &Arc<KillTarget>, scope: Scope) -> Self {
        let mut members = Self::new(root, scope);
        if members.can_have_others() {
            members.look(&Listing::take());
        }
        members
    }

    /// Whether anyone but the root can be in scope.
    pub(crate) fn can_have_others(&self) -> bool {
        self.scope != Scope::Process
    }

    /// Counts the root among those that have ended, where it did so before it was found.
    pub(crate) fn count_root(&mut self) {
        if !is_alive(&self.root) && !self.living.iter().any(|member| Arc::ptr_eq(&member.target, &self.root))
        {
            self.ended += 1;
        }
    }

    pub(crate) fn root(&self) -> &Arc<KillTarget> {
        &self.root
    }

    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }

    pub(crate) fn living(&self) -> &[Member] {
        &self.living
    }

    pub(crate) fn living_mut(&mut self) -> &mut [Member] {
        &mut self.living
    }

    pub(crate) fn me(&self) -> Option<&Arc<KillTarget>> {
        self.me.as_ref()
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended
    }

    /// Takes note of how the root has ended.
    pub(crate) fn note_root_exit(&mut self, exit: Exit) {
        if self.root_exit.is_none_or(|known| known == Exit::Unknown) {
            self.root_exit = Some(exit);
        }
    }

    /// How the root has ended. `None`: it lives.
    pub(crate) fn root_exit(&mut self) -> Option<Exit> {
        if !is_alive(&self.root) {
            let exit = self.root.exit().unwrap_or(Exit::Unknown);
            self.note_root_exit(exit);
        }
        self.root_exit
    }

    /// Whether SIGKILL was sent to anyone who lived.
    pub(crate) fn were_killed(&self) -> bool {
        self.killed
    }

    /// Whether nothing was sent by number.
    pub(crate) fn race_free(&self) -> bool {
        self.race_free
    }

    pub(crate) fn proof(&self) -> Proof {
        let by_number = self.root.method() == Method::Pid;
        let is_seen = self.seen.sight == Sight::All
            && self.seen.unverified.is_empty()
            && if self.living.is_empty() {
                self.who_lives_unseen() == Living::Nobody
            } else {
                !self.seen.has_gaps
            };
        match self.scope {
            Scope::Process if !by_number => Proof::Process,
            Scope::Group if !by_number && is_seen => Proof::Group,
            _ => Proof::BestEffort,
        }
    }

    /// Lets go of those that are over. True: there were any.
    pub(crate) fn refresh(&mut self) -> bool {
        let over = self.living.extract_if(.., |member| !is_alive(&member.target));
        let over: Vec<_> = over.map(|member| member.target.pid()).collect();
        self.ended += over.len();
        if !over.is_empty() {
            self.root_exit();
        }
        self.over.extend(&over);
        !over.is_empty()
    }

    pub(crate) fn who_lives(&self) -> Living {
        if self.living.iter().any(|member| !member.is_untouchable) {
            Living::Some
        } else if !self.living.is_empty() {
            Living::Untouchables
        } else if !self.seen.unverified.is_empty() {
            Living::Unverified
        } else {
            self.who_lives_unseen()
        }
    }

    /// Whether nobody is seen, and those that the kernel speaks of may all have been over before: another look tells.
    pub(crate) fn are_hearsay(&self) -> bool {
        self.living.is_empty()
            && self.seen.unverified.is_empty()
            && self.seen.has_gaps
            && self.seen.sight != Sight::None
    }

    /// A group of which nobody is seen may still have members: hidden ones, or such that fork and exit faster than one can
    /// look. The kernel knows whether it has any; but a zombie is one, too.
    fn who_lives_unseen(&self) -> Living {
        if self.zombies_explain_it() { Living::Nobody } else { self.who_is_there() }
    }

    /// Whether the group can't have members but those that are over, though the kernel says that it has some.
    fn zombies_explain_it(&self) -> bool {
        let Seen { sight, has_gaps, zombies, .. } = self.seen;
        match sight {
            // Who may not be seen may not be signalled, as a rule: he is not waited for.
            Sight::All | Sight::Own => zombies > 0 && (!has_gaps || self.group_killed),
            Sight::None => self.group_killed,
        }
    }

    /// What the kernel says of the group, zombies and all.
    pub(crate) fn who_is_there(&self) -> Living {
        if self.scope != Scope::Group || self.me.is_some() {
            return Living::Nobody;
        }
        match self.root.signal_group(Signal::PROBE) {
            Ok(Delivery::Delivered) => Living::Some,
            Ok(Delivery::Gone) | Err(Error::NotGroupLeader(_)) => Living::Nobody,
            Err(error) if error.is_not_permitted() => Living::Untouchables,
            // Some group has the number, and nothing tells any more whether that is its own.
            Err(_) => Living::Unverified,
        }
    }

    /// Takes in who else is in scope. The newcomers stand last among the living, from the place on that is given back.
    pub(crate) fn look(&mut self, listing: &Listing) -> usize {
        let known = self.living.len();
        self.find_me();
        if self.scope == Scope::Group {
            for target in self.look_in_group(listing) {
                self.admit(target);
            }
        }
        known
    }

    /// Those in the root's group that are not known yet.
    fn look_in_group(&mut self, listing: &Listing) -> Vec<Arc<KillTarget>> {
        let group = self.root.pid();
        let known: HashMap<Pid, &Member> =
            self.living.iter().map(|member| (member.target.pid(), member)).collect();
        let is_known = |pid: &Pid| known.get(pid).is_some_and(|member| member.target.is_unreaped());
        let deadline = Instant::now() + LONGEST_LOOK;
        let Listing { sight, has_gaps, .. } = *listing;
        let mut seen = Seen { sight, has_gaps, zombies: 0, unverified: Vec::new() };
        let (mut found, mut over) = (Vec::new(), HashSet::new());
        for pid in listing.group(group).iter().copied().filter(|pid| !is_known(pid)) {
            if Instant::now() > deadline {
                seen.has_gaps = true;
                break;
            }
            match KillTarget::from_pid(pid) {
                // The handle first, then the fact, then that the handle's process had the number all along.
                Ok(target) if sys::group_of(pid) != Some(group) || !target.is_unreaped() => {
                    seen.has_gaps = true;
                }
                Ok(target) if is_alive(&target) => found.push(Arc::new(target)),
                Ok(_) => {
                    seen.zombies += 1;
                    seen.has_gaps |= !self.over.contains(&pid);
                    over.insert(pid);
                }
                Err(_) => seen.has_gaps = true,
            }
        }
        // Only now, as the number may have come free while it was read.
        let found = match self.whose_group() {
            Whose::Own => found,
            Whose::Others => Vec::new(),
            Whose::Unknown => {
                seen.unverified = found.iter().map(|target| target.info()).collect();
                Vec::new()
            }
        };
        self.seen = seen;
        self.over = over;
        found
    }

    /// Whose the group is that has the root's number. What the root can't prove any more, a member can who is in it.
    fn whose_group(&self) -> Whose {
        let group = self.root.pid();
        let is_in_it = |member: &Member| {
            sys::group_of(member.target.pid()) == Some(group) && member.target.is_unreaped()
        };
        match self.root.whose_group() {
            Whose::Unknown if self.living.iter().any(is_in_it) => Whose::Own,
            whose => whose,
        }
    }

    fn admit(&mut self, target: Arc<KillTarget>) {
        if target.pid() == sys::own_pid() {
            self.me.get_or_insert(target);
            return;
        }
        self.race_free &= target.race_free();
        let mut member = Member { target, is_untouchable: false, watching: None };
        member.send(Signal::PROBE);
        self.living.push(member);
    }

    /// Sends the signals to everyone, or to the root. Then they are continued: who is stopped acts on no signal. True: they
    /// went to all of the group in one step, whoever is known of it.
    pub(crate) fn signal(&mut self, signals: &[Signal], to: To) -> bool {
        if signals.contains(&Signal::KILL) {
            self.killed |= self.who_lives() == Living::Some;
        }
        match to {
            To::Root => {
                let root = Arc::clone(&self.root);
                let roots = self.living.iter_mut().filter(|member| Arc::ptr_eq(&member.target, &root));
                for root in roots {
                    root.send_all(signals);
                }
                false
            }
            To::All => {
                let mut by_group = true;
                for signal in with_continue(signals) {
                    by_group &= self.send(signal);
                }
                by_group
            }
        }
    }

    /// SIGKILL to everyone.
    pub(crate) fn kill(&mut self) {
        self.killed |= self.who_lives() == Living::Some;
        // In one step, so that nobody in the group is forked meanwhile. And then each, wherever it has gone.
        self.group_killed |= self.send_to_group(Signal::KILL) == Some(Delivery::Delivered);
        for member in &mut self.living {
            member.send(Signal::KILL);
        }
        self.killed |= self.living.iter().any(|member| !member.is_untouchable);
    }

    /// True: everyone was sent it in one step, but for those that have left the group and were sent it each.
    pub(crate) fn send(&mut self, signal: Signal) -> bool {
        let by_group = self.send_to_group(signal).is_some();
        let group = self.root.pid();
        for member in &mut self.living {
            if !by_group || sys::group_of(member.target.pid()) != Some(group) {
                member.send(signal);
            }
        }
        by_group
    }

    /// What became of it: `Gone` where all of the group may not be signalled. `None`: there is no group, or no way to all of
    /// it.
    fn send_to_group(&mut self, signal: Signal) -> Option<Delivery> {
        if self.scope != Scope::Group || self.me.is_some() {
            return None;
        }
        match self.root.signal_group(signal) {
            Ok(Delivery::Delivered) => {
                self.race_free &= self.root.group_race_free();
                Some(Delivery::Delivered)
            }
            Err(error) if error.is_not_permitted() => Some(Delivery::Gone),
            _ => None,
        }
    }

    /// SIGCONT to everyone. Gives those to whom it may not be sent.
    pub(crate) fn resume(&mut self) -> Vec<ProcessInfo> {
        self.send_to_group(Signal::CONT);
        let failed = self.living.iter_mut().filter_map(|member| {
            let is_permitted = member.send(Signal::CONT);
            (!is_permitted).then(|| member.target.info())
        });
        failed.chain(self.seen.unverified.iter().cloned()).collect()
    }

    /// Whether everyone who may be signalled is stopped, as far as it can be seen.
    pub(crate) fn are_stopped(&self) -> bool {
        !self.living.iter().any(runs)
    }

    /// Those that could not be stopped.
    pub(crate) fn unstopped(&self) -> Vec<ProcessInfo> {
        let unstopped = self.living.iter().filter(|member| member.is_untouchable || runs(member));
        unstopped.map(|member| member.target.info()).chain(self.seen.unverified.iter().cloned()).collect()
    }

    /// Those that live on, and why.
    pub(crate) fn survivors(&self) -> Vec<Survivor> {
        let living = self.living.iter().map(|member| {
            let process = member.target.info();
            let reason = match process.state {
                _ if member.is_untouchable => Reason::NotPermitted,
                _ if member.target.method() == Method::Pid => Reason::Unverified,
                Some('D') if self.killed => Reason::Uninterruptible,
                _ => Reason::Timeout,
            };
            Survivor { process, reason }
        });
        let unverified = self.seen.unverified.iter().cloned();
        living.chain(unverified.map(|process| Survivor { process, reason: Reason::Unverified })).collect()
    }
}

fn with_continue(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    signals.iter().copied().chain((!signals.is_empty()).then_some(Signal::CONT))
}

fn runs(member: &Member) -> bool {
    !member.is_untouchable && member.target.is_stopped() == Some(false)
}

/// Where it can't be seen (no descriptor is left, say) it is not said to be over.
fn is_alive(target: &KillTarget) -> bool {
    target.is_alive() != Ok(false)
}
