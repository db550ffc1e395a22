//! What is to be ended, and how; and where the report goes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::{escalation::Plan, report::Termination};
use crate::{
    scope::{
        kernel::Kernel,
        members::Members,
        process_table::{Process, ProcessTable},
        resolve::resolve,
    },
    sys,
    types::{Error, Scope},
};

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
pub type OnTermination = Box<dyn FnOnce(Result<Termination, Error>) + Send>;

/// A request that was found to be in order.
pub(crate) struct CheckedRequest<T: ProcessTable = Kernel> {
    pub(crate) target: Arc<T::Process>,
    pub(crate) scope: Scope,
    pub(crate) plan: Plan,
    pub(crate) forced: bool,
    pub(crate) allow_self: bool,
    pub(crate) started: Instant,
    pub(crate) number: usize,
    pub(crate) sender: ReportSender,
    /// Whether the target lived when that was asked for.
    pub(crate) was_alive: bool,
    /// Who is in scope, where that may not be told any more in a moment.
    pub(crate) members: Option<Members<T>>,
}

impl<T: ProcessTable> CheckedRequest<T> {
    /// # Errors
    /// [`Error::Protected`], [`Error::NotGroupLeader`], and `ENOSYS` for what can't be done safely here.
    pub(crate) fn new(
        target: &Arc<T::Process>,
        request: Request,
        on_termination: OnTermination,
    ) -> Result<Self, Error> {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let Request { scope, plan, allow_self, forced } = request;
        let scope = resolve::<T>(target, scope, allow_self)?;
        let mut signals = plan.steps.iter().flat_map(|step| &step.signals);
        if !signals.all(|signal| sys::can_send(signal.as_raw())) {
            return Err(sys::unsupported("kill"));
        }
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        // Without a safe way to the group its number is its own for as long as the leader is not reaped, or a member is
        // held. A runtime that reaps its children between its turns can't do that now.
        let needs_scan_now = scope != Scope::Process && !target.group_race_free();
        let members = needs_scan_now.then(|| Members::scan_once(target, scope, allow_self));
        if let Some(refusal) = members.as_ref().and_then(Members::refusal) {
            return Err(refusal);
        }
        let was_alive = target.is_alive() != Ok(false);
        let (target, started, sender) = (Arc::clone(target), T::now(), ReportSender(Some(on_termination)));
        Ok(Self { target, scope, plan, forced, allow_self, started, number, sender, was_alive, members })
    }
}

/// Tells the report, or, where it is dropped before, that there will be none.
pub(crate) struct ReportSender(Option<OnTermination>);

impl ReportSender {
    /// Tells nothing any more.
    pub(crate) fn discard(&mut self) {
        self.0 = None;
    }

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
