//! The process table of this machine.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::process_table::{Process, ProcessList, ProcessTable};
use crate::{
    ancestors, protection,
    sys::{self, IdOwner, Moment, RunState, StartTime, Unreadable, Visibility},
    target::KillTarget,
    types::{
        Containment, Delivery, Error, Exit, GuardRole, Method, Pid, ProcessInfo, ProtectedProcess, Scope,
        Signal, Verification,
    },
};

/// More processes that were started since a moment are not looked at one by one.
const MAX_STARTED: i32 = 64;

/// So many other pids are assigned at most while a fork is in progress.
const MAX_RECENT: i32 = 8;

/// The process table of the running kernel.
pub(crate) enum Kernel {}

impl ProcessTable for Kernel {
    type Process = KillTarget;
    type List = sys::ProcessList;

    const START_TIME_STEP: StartTime = sys::START_TIME_STEP;
    const CAN_STOP: bool = sys::CAN_STOP;
    const GUARDS_HAVE_KEEPERS: bool = sys::GUARDS_HAVE_KEEPERS;
    const GROUP_SIGNAL_IS_ATOMIC: bool = sys::GROUP_SIGNAL_IS_ATOMIC;
    const ORPHANS_KEEP_PPID: bool = sys::ORPHANS_KEEP_PPID;
    const GETSID_SEES_ZOMBIES: bool = sys::GETSID_SEES_ZOMBIES;

    fn now() -> Instant {
        Instant::now()
    }

    fn pause(duration: Duration) {
        thread::sleep(duration);
    }

    fn moment() -> Moment {
        Moment { time: sys::start_time_now(), last_pid: sys::last_pid() }
    }

    fn own_pid() -> Pid {
        sys::own_pid()
    }

    fn adopts_orphans() -> bool {
        sys::adopts_orphans()
    }

    fn has_process(pid: Pid) -> bool {
        sys::has_process(pid)
    }

    fn has_few_processes() -> bool {
        sys::has_few_processes()
    }

    fn read_group(pid: Pid) -> Result<Option<Pid>, Unreadable> {
        sys::read_group(pid)
    }

    fn read_session(pid: Pid) -> Result<Option<Pid>, Unreadable> {
        sys::read_session(pid)
    }

    fn may_lead_session(pid: Pid) -> bool {
        sys::may_lead_session(pid)
    }

    fn last_pid() -> Option<Pid> {
        sys::last_pid()
    }

    fn recent_pids(last_pid: Pid) -> Vec<Pid> {
        let last = last_pid.as_raw();
        (last.saturating_sub(MAX_RECENT)..=last).filter_map(Pid::from_raw).collect()
    }

    fn started_since(last_pid: Pid) -> Option<(Pid, Vec<Pid>)> {
        let now = Self::last_pid()?;
        let (from, to) = (last_pid.as_raw(), now.as_raw());
        // If `to` is below `from`, the pids have wrapped around.
        let is_short = (0..=MAX_STARTED).contains(&(to - from));
        is_short.then(|| (now, (from + 1..=to).filter_map(Pid::from_raw).collect()))
    }

    fn open_candidate(pid: Pid) -> Result<KillTarget, Error> {
        KillTarget::open_candidate(pid)
    }

    fn open_caller() -> Option<KillTarget> {
        // The caller is alive, so its pid cannot be reused. No verification is needed.
        KillTarget::from_pid_with(sys::own_pid(), Verification::Optional).ok()
    }

    fn list() -> sys::ProcessList {
        sys::ProcessList::default()
    }

    fn protected_processes() -> Vec<(Pid, ProtectedProcess)> {
        protection::processes().collect()
    }

    fn check_protected(pid: Pid, scope: Scope, is_left_alone: &dyn Fn(Pid) -> bool) -> Result<(), Error> {
        protection::check(pid, scope, is_left_alone)
    }

    fn ancestors_from(parent: Pid, is_still_parent: &dyn Fn(Pid) -> bool) -> Option<Vec<Pid>> {
        ancestors::of(parent, is_still_parent)
    }

    fn own_ancestors() -> Vec<Pid> {
        ancestors::own()
    }
}

impl Process for KillTarget {
    fn pid(&self) -> Pid {
        self.pid()
    }

    fn method(&self) -> Method {
        self.method()
    }

    fn race_free(&self) -> bool {
        self.race_free()
    }

    fn signal(&self, signal: Signal) -> Result<Delivery, Error> {
        self.signal(signal)
    }

    fn signal_group(&self, signal: Signal) -> Result<Delivery, Error> {
        self.signal_group(signal)
    }

    fn group_race_free(&self) -> bool {
        self.group_race_free()
    }

    fn group_owner(&self) -> IdOwner {
        self.group_owner()
    }

    fn session_owner(&self) -> IdOwner {
        self.session_owner()
    }

    fn leads_others(&self) -> bool {
        self.leads_others()
    }

    fn ppid_owner(&self, parent: &Self) -> Option<IdOwner> {
        self.ppid_owner(parent)
    }

    fn parent(&self) -> Option<Pid> {
        self.parent()
    }

    fn first_parent(&self) -> Option<Pid> {
        self.first_parent()
    }

    fn has_member(&self) -> bool {
        self.has_member()
    }

    fn is_unreaped(&self) -> bool {
        self.is_unreaped()
    }

    fn is_reaped(&self) -> bool {
        self.is_reaped()
    }

    fn is_alive(&self) -> Result<bool, Error> {
        self.is_alive()
    }

    fn exit(&self) -> Result<Exit, Error> {
        self.exit()
    }

    fn info(&self) -> ProcessInfo {
        self.info().unwrap_or_else(|| ProcessInfo::unknown(self.pid()))
    }

    fn started(&self) -> Option<StartTime> {
        self.started()
    }

    fn started_before(&self, moment: Moment) -> bool {
        self.started_before(moment)
    }

    fn run_state(&self) -> Option<RunState> {
        self.run_state()
    }

    fn containment(&self) -> Option<Containment> {
        self.containment()
    }

    fn keeper(&self) -> Option<&Arc<Self>> {
        self.keeper()
    }

    fn keeps_leftovers(&self) -> bool {
        self.keeps_leftovers()
    }

    fn may_leave_others(&self) -> bool {
        self.may_leave_others()
    }

    fn command(&self) -> Option<Pid> {
        self.command()
    }

    fn guard_role(&self) -> Option<GuardRole> {
        self.guard_role()
    }

    fn has_adopted(&self, child: &Self) -> bool {
        self.has_adopted(child)
    }

    fn tell_asked(&self, signal: Option<Signal>, time: Duration) -> Option<bool> {
        self.tell_asked(signal, time)
    }

    fn has_said_over(&self) -> Option<bool> {
        self.has_said_over()
    }

    fn request_kill(&self) -> Result<Delivery, Error> {
        self.request_kill()
    }
}

impl ProcessList<KillTarget> for sys::ProcessList {
    fn anew() -> Self {
        Self::default()
    }

    fn visibility(&self) -> Visibility {
        self.visibility()
    }

    fn all(&self) -> Option<&[Pid]> {
        self.all()
    }

    fn read_groups(&self) {
        self.read_groups();
    }

    fn group(&self, group: Pid) -> Vec<Pid> {
        self.group(group)
    }

    fn has_gaps_in_groups(&self) -> bool {
        self.has_gaps_in_groups()
    }

    fn time_taken(&self) -> Duration {
        self.time_taken()
    }

    fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        self.children(pid)
    }

    fn children_of(&self, parent: &KillTarget) -> Option<Vec<Pid>> {
        self.children_of(parent.handle()?)
    }
}
