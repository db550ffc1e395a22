//! Ending a process, or all in its scope: what is asked for, and by which way it is told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    crew, errand,
    error::Error,
    job::{self, Job, Turn},
    ladder::Plan,
    later::Later,
    members::Members,
    protect,
    report::Report,
    scope::Scope,
    signal::Signal,
    sys,
    target::KillTarget,
};

/// Between two looks at processes that can't be waited for.
const SHORTEST_BLIND: Duration = Duration::from_millis(1);
pub(crate) const LONGEST_BLIND: Duration = Duration::from_millis(50);

const DEFAULT_SCOPE: Scope = Scope::Tree;

/// What is to be ended, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// `None`: the tree.
    pub scope: Option<Scope>,
    /// When to send what.
    pub plan: Plan,
    /// Whether the calling process, its ancestors and pid 1 may be in scope.
    pub allow_self: bool,
    /// Whether the graces are skipped.
    pub forced: bool,
}

/// Whom the report is told. On another thread, but for what is ended synchronously. It must not wait for anything.
pub type OnReport = Box<dyn FnOnce(Result<Report, Error>) + Send>;

/// One call, by which it can be hurried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Termination(usize);

impl Termination {
    /// Skips what is left of its graces.
    pub fn force(self) {
        crew::force(self.0);
    }
}

/// A request that was found to be in order.
pub(crate) struct Order {
    pub(crate) target: Arc<KillTarget>,
    pub(crate) scope: Scope,
    pub(crate) plan: Plan,
    pub(crate) forced: bool,
    pub(crate) allow_self: bool,
    pub(crate) started: Instant,
    pub(crate) number: usize,
    pub(crate) teller: Teller,
    /// Whether the target lived when that was asked for.
    pub(crate) has_lived: bool,
    /// Who is in scope, where that may not be told any more in a moment.
    pub(crate) members: Option<Members>,
}

impl Order {
    /// # Errors
    /// [`Error::Protected`], [`Error::NotGroupLeader`], and `ENOSYS` for what can't be done safely here.
    fn new(target: &Arc<KillTarget>, request: Request, tell: OnReport) -> Result<Self, Error> {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let Request { scope, plan, allow_self, forced } = request;
        let scope = resolve(target, scope, allow_self)?;
        let mut signals = plan.steps.iter().flat_map(|step| &step.signals);
        if !signals.all(|signal| sys::can_send(signal.as_raw())) {
            return Err(sys::unsupported("kill"));
        }
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        // Without a safe way to the group its number is its own for as long as the leader is not reaped, or a member is
        // held. A runtime that reaps its children between its turns can't do that now.
        let is_fleeting = scope != Scope::Process && !target.group_race_free();
        let members = is_fleeting.then(|| Members::glance(target, scope, allow_self));
        if let Some(refusal) = members.as_ref().and_then(Members::refusal) {
            return Err(refusal);
        }
        let has_lived = target.is_alive() != Ok(false);
        let (target, started, teller) = (Arc::clone(target), Instant::now(), Teller(Some(tell)));
        Ok(Self { target, scope, plan, forced, allow_self, started, number, teller, has_lived, members })
    }
}

/// Tells the report, or, where it is dropped before, that there will be none.
pub(crate) struct Teller(Option<OnReport>);

impl Teller {
    /// Tells nothing any more.
    pub(crate) fn silence(&mut self) {
        self.0 = None;
    }

    pub(crate) fn tell(&mut self, report: Result<Report, Error>) {
        if let Some(tell) = self.0.take() {
            tell(report);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.tell(Err(Error::Internal));
    }
}

/// Whether a call for this may be refused, as it stands now.
///
/// # Errors
/// [`Error::Protected`].
pub fn check_protected(target: &KillTarget, scope: Option<Scope>) -> Result<(), Error> {
    protect::check(target.pid(), scope.unwrap_or(DEFAULT_SCOPE))
}

/// The scope that is meant, if it may be and can be.
pub(crate) fn resolve(target: &KillTarget, scope: Option<Scope>, allow_self: bool) -> Result<Scope, Error> {
    let scope = scope.unwrap_or(DEFAULT_SCOPE);
    if !allow_self {
        protect::check(target.pid(), scope)?;
    }
    match scope {
        Scope::Group => match target.signal_group(Signal::PROBE) {
            Err(error) if !error.is_not_permitted() => Err(error),
            _ => Ok(scope),
        },
        Scope::Process | Scope::Tree => Ok(scope),
    }
}

/// Ends what is asked for, and has the report told. Calls for the same scope of the same process at the same time join:
/// each goes up its own ladder, but nobody is sent the first signals twice.
///
/// # Errors
/// [`Error::Protected`]; [`Error::NotGroupLeader`]; [`Error::Os`]: `ENOSYS` for what can't be done safely here, any other
/// where there is no thread. What is told may be [`Error::Os`] with `EPERM`: nobody in scope may be signalled.
pub fn terminate(target: &Arc<KillTarget>, request: Request, tell: OnReport) -> Result<Termination, Error> {
    let order = Order::new(target, request, tell)?;
    let termination = Termination(order.number);
    crew::submit(order)?;
    Ok(termination)
}

/// [`terminate`] that blocks the calling thread until all is over, or all time is up. Unless something else is being ended
/// at that time it needs no other thread, and no file descriptor of its own.
///
/// # Errors
/// As for [`terminate`], and what that tells.
pub fn terminate_sync(target: &Arc<KillTarget>, request: Request) -> Result<Report, Error> {
    let report = Later::new();
    let tell = report.clone();
    let order = Order::new(target, request, Box::new(move |report| tell.set(report)))?;
    // Somebody may be at this very target.
    if let Some(order) = crew::submit_beside_others(order) {
        carry_out(Job::new(order));
    }
    report.wait(Duration::MAX).unwrap_or(Err(Error::Internal))
}

/// Turns the graces of all that is being ended into SIGKILL, and finishes what else was begun, for the end of this process.
pub fn flush() {
    crew::flush();
    errand::finish(crew::LONGEST_FLUSH);
}

fn carry_out(mut job: Job) {
    let mut pause = SHORTEST_BLIND;
    let flushes = crew::flushes();
    loop {
        job::turn(&mut [&mut job]);
        let Turn::Wait(until) = job.next() else { return };
        // Another thread may end this process meanwhile, and wait for this one.
        let soon = Instant::now() + LONGEST_BLIND;
        let until = Some(until.map_or(soon, |until| until.min(soon)));
        // Who has ended is not taken note of before the next look.
        let awaits = !job.is_sweeping();
        let handles = job.members.awaited().filter(|_| awaits).filter_map(|member| member.target.handle());
        sys::wait_for_any(handles, until, pause);
        pause = (pause * 2).min(LONGEST_BLIND);
        if crew::flushes() != flushes {
            job.force(None);
        }
    }
}
