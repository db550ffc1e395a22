//! Converts between the objects of JavaScript and the types of the core.

#![allow(
    clippy::cast_precision_loss, // a count of processes stays below 2^53
)]

use std::time::{Duration, UNIX_EPOCH};

use napi::bindgen_prelude::Either;

use killtarget::{Error, Exit, Plan, Recipients, Scope, Signal, Verification};

use crate::objects::{Failure, ProcessInfo, Report, Request, Step, Survivor};

/// Returns `None` if the name is missing or unknown. The core then uses its default.
pub(crate) fn scope_of(name: Option<&str>) -> Option<Scope> {
    match name {
        Some("process") => Some(Scope::Process),
        Some("group") => Some(Scope::Group),
        Some("tree") => Some(Scope::Tree),
        _ => None,
    }
}

/// Leaves out what is named by a handle.
impl TryFrom<Request> for killtarget::Request {
    type Error = Error;

    fn try_from(
        Request { scope, steps, kill, timeout, allow_self, forced, .. }: Request,
    ) -> Result<Self, Error> {
        let steps = steps.into_iter().map(killtarget::Step::try_from).collect::<Result<_, _>>()?;
        let plan = Plan { steps, kill, timeout: duration(timeout) };
        Ok(Self { scope: scope_of(scope.as_deref()), plan, allow_self, forced, except: Vec::new() })
    }
}

impl TryFrom<Step> for killtarget::Step {
    type Error = Error;

    fn try_from(Step { signals, grace, to_root }: Step) -> Result<Self, Error> {
        let signals = signals.into_iter().map(Signal::try_from).collect::<Result<_, _>>()?;
        Ok(Self {
            signals,
            grace: duration(grace),
            to: if to_root { Recipients::Root } else { Recipients::All },
        })
    }
}

/// Converts milliseconds. Returns `None`, which means no limit, for a number that is no `Duration`.
pub(crate) fn duration(milliseconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
}

/// Converts the result of a termination.
pub(crate) fn report_or_failure(report: Result<killtarget::Termination, Error>) -> Either<Report, Failure> {
    match report {
        Ok(report) => Either::A(report.into()),
        Err(error) => Either::B(error.into()),
    }
}

impl From<killtarget::Termination> for Report {
    fn from(report: killtarget::Termination) -> Self {
        let killtarget::Termination { outcome, exit, ended, survivors, race_free, proof, elapsed } = report;
        let (exit_code, exit_signal) = exit.map_or((None, None), code_and_signal);
        Self {
            outcome: outcome.name(),
            exited: exit.is_some(),
            exit_code,
            exit_signal,
            ended: ended as f64,
            survivors: survivors.into_iter().map(Survivor::from).collect(),
            race_free,
            proof: proof.name(),
            elapsed: elapsed.as_secs_f64() * 1000.0,
        }
    }
}

impl From<killtarget::Survivor> for Survivor {
    fn from(killtarget::Survivor { process, reason }: killtarget::Survivor) -> Self {
        Self { process: process.into(), reason: reason.name() }
    }
}

impl From<killtarget::ProcessInfo> for ProcessInfo {
    fn from(info: killtarget::ProcessInfo) -> Self {
        let killtarget::ProcessInfo { pid, ppid, pgid, sid, name, command, user, state, start_time, token } =
            info;
        let since_epoch = start_time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            pid: pid.as_raw(),
            ppid,
            pgid,
            sid,
            name,
            command: command.map(String::from),
            user,
            state: state.map(String::from),
            start_time: since_epoch.map(|since| (since.as_secs_f64() * 1000.0).round()),
            token: token.map(|token| token.to_string()),
        }
    }
}

/// Converts the processes that an operation has found.
pub(crate) fn processes(found: Vec<killtarget::ProcessInfo>) -> Vec<ProcessInfo> {
    found.into_iter().map(ProcessInfo::from).collect()
}

/// Returns the exit code and the signal of an exit, as JavaScript gets them.
pub(crate) fn code_and_signal(exit: Exit) -> (Option<i32>, Option<i32>) {
    match exit {
        Exit::Code(code) => (Some(code), None),
        Exit::Signal(signal) => (None, Some(signal.as_raw())),
        Exit::Unknown => (None, None),
    }
}

pub(crate) fn verification(allow_unverified: bool) -> Verification {
    if allow_unverified { Verification::Optional } else { Verification::Required }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (errno, syscall) = match &error {
            Error::Os { errno, syscall } => (Some(-errno), Some((*syscall).to_owned())),
            _ => (None, None),
        };
        Self { code: error.code().into_owned(), message: error.to_string(), errno, syscall }
    }
}
