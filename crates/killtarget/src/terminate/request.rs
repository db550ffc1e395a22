//! The request for a termination, and the callback for its report.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::{escalation::Plan, progress::OnProgress, report::Termination};
use crate::{
    scope::{
        excepted::Excepted,
        kernel::Kernel,
        members::Members,
        process_table::{Process, ProcessTable},
        resolve::resolve,
    },
    sys,
    target::KillTarget,
    types::{Error, Scope},
};

/// What to terminate, and how.
#[derive(Debug)]
pub struct Request<P = KillTarget> {
    /// The scope. `None` is the tree.
    pub scope: Option<Scope>,
    /// The signals and when to send them.
    pub plan: Plan,
    /// Whether the calling process, its ancestors and pid 1 may be in scope.
    pub allow_self: bool,
    /// Whether the grace periods are skipped.
    pub forced: bool,
    /// The processes that are left alone, with what they have started.
    pub except: Vec<Arc<P>>,
}

impl<P> Request<P> {
    /// Makes a request that protects this process, and that leaves no process alone.
    #[must_use]
    pub fn new(scope: Scope, plan: Plan) -> Self {
        Self { scope: Some(scope), plan, allow_self: false, forced: false, except: Vec::new() }
    }
}

/// The callback for the report. It runs on another thread, or on the calling thread if the call blocks. It must
/// not block.
pub type OnTermination = Box<dyn FnOnce(Result<Termination, Error>) + Send>;

/// The callbacks of a termination.
pub struct Callbacks {
    /// Called with the report.
    pub on_termination: OnTermination,
    /// Called at each step before it.
    pub on_progress: Option<OnProgress>,
}

impl Callbacks {
    /// Makes callbacks with that for the report only.
    #[must_use]
    pub fn new(on_termination: OnTermination) -> Self {
        Self { on_termination, on_progress: None }
    }
}

/// A request that has passed the checks.
pub(crate) struct CheckedRequest<T: ProcessTable = Kernel> {
    pub(crate) target: Arc<T::Process>,
    pub(crate) scope: Scope,
    pub(crate) plan: Plan,
    pub(crate) forced: bool,
    pub(crate) allow_self: bool,
    pub(crate) started: Instant,
    pub(crate) number: usize,
    pub(crate) sender: ReportSender,
    pub(crate) on_progress: Option<OnProgress>,
    /// Whether the target was alive at the call.
    pub(crate) was_alive: bool,
    /// The processes that are left alone.
    pub(crate) except: Vec<Arc<T::Process>>,
    /// The members, if they had to be found at the call.
    pub(crate) members: Option<Members<T>>,
}

impl<T: ProcessTable> CheckedRequest<T> {
    /// Checks a request, and finds the members if that cannot wait for the first turn.
    ///
    /// # Errors
    /// [`Error::Excepted`], [`Error::Protected`], [`Error::NotGroupLeader`]. `ENOSYS` for what cannot be done safely on this
    /// system.
    pub(crate) fn new(target: &Arc<T::Process>, request: Request<T::Process>) -> Result<Self, Error> {
        let mut request = Self::unscanned(target, request)?;
        // Without a group handle, only an unreaped leader or member keeps the group's id from reuse. A
        // runtime reaps its children between its turns, so the members are found in this one.
        if request.scope != Scope::Process && !request.target.group_race_free() {
            let members = request.take_members().scanned_once();
            if let Some(refusal) = members.refusal() {
                return Err(refusal);
            }
            request.members = Some(members);
        }
        Ok(request)
    }

    /// Checks a request on a thread that must not scan.
    ///
    /// # Errors
    /// Those of [`CheckedRequest::new`].
    pub(crate) fn unscanned(target: &Arc<T::Process>, request: Request<T::Process>) -> Result<Self, Error> {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let Request { scope, plan, allow_self, forced, except } = request;
        let excepted = Excepted::new(&except);
        let scope = resolve::<T>(target, scope, allow_self, &excepted)?;
        let mut signals = plan.steps.iter().flat_map(|step| &step.signals);
        if !signals.all(|signal| sys::can_send(signal.as_raw())) {
            return Err(sys::unsupported("kill"));
        }
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let was_alive = target.is_alive() != Ok(false);
        let (target, started, sender) = (Arc::clone(target), T::now(), ReportSender(None));
        Ok(Self {
            target,
            scope,
            plan,
            forced,
            allow_self,
            started,
            number,
            sender,
            on_progress: None,
            was_alive,
            except,
            members: None,
        })
    }

    /// Returns the members, scanned if they had to be found at the call.
    pub(crate) fn take_members(&mut self) -> Members<T> {
        let unscanned =
            || Members::leaving_alone(Excepted::new(&self.except), &self.target, self.scope, self.allow_self);
        self.members.take().unwrap_or_else(unscanned)
    }

    /// Sets the callbacks.
    pub(crate) fn reporting_to(mut self, Callbacks { on_termination, on_progress }: Callbacks) -> Self {
        self.sender = ReportSender(Some(on_termination));
        self.on_progress = on_progress;
        self
    }
}

/// Sends the report. If it is dropped before that, it sends [`Error::Internal`].
pub(crate) struct ReportSender(Option<OnTermination>);

impl ReportSender {
    pub(crate) fn send(&mut self, report: Result<Termination, Error>) {
        if let Some(on_termination) = self.0.take() {
            on_termination(report);
        }
    }
}

impl Drop for ReportSender {
    fn drop(&mut self) {
        self.send(Err(Error::Internal));
    }
}
