//! Every object that passes between JavaScript and the core.

#![allow(
    missing_docs,     // the TypeScript's are what users read
    unreachable_pub,  // napi's macros want `pub`
    clippy::struct_excessive_bools,
)]

use napi_derive::napi;

/// Why a call did nothing.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// The stable name: `EPERM`, `ERR_NOT_A_PROCESS`.
    pub code: String,
    pub message: String,
    /// Negative, as Node has it. Only where the system refused.
    pub errno: Option<i32>,
    pub syscall: Option<String>,
}

#[napi(object, object_from_js = false)]
pub struct Capabilities {
    pub pidfd: bool,
    pub proc_signal: bool,
    pub proc: bool,
    pub group_signal: bool,
    pub wait: bool,
    pub info: bool,
    pub exit_info: bool,
    pub race_free: bool,
    pub reason: Option<String>,
}

/// By what a process can be recognized later.
#[napi(object, object_from_js = false)]
pub struct Identity {
    pub mark: String,
    pub settled: bool,
}

/// What is to be ended, and how. Durations are in milliseconds.
#[napi(object, object_to_js = false)]
pub struct Request {
    /// None: as the core has it.
    pub scope: Option<String>,
    pub steps: Vec<Step>,
    /// Whether SIGKILL follows.
    pub kill: bool,
    pub timeout: f64,
    pub allow_self: bool,
    /// Whether the graces are skipped.
    pub forced: bool,
}

#[napi(object, object_to_js = false)]
pub struct Step {
    pub signals: Vec<f64>,
    pub grace: f64,
    pub to_root: bool,
}

#[napi(object, object_from_js = false)]
pub struct Report {
    pub outcome: &'static str,
    /// Whether the root is over.
    pub exited: bool,
    // Not `code`, by which a failure is recognized.
    pub exit_code: Option<i32>,
    pub exit_signal: Option<i32>,
    pub ended: f64,
    pub survivors: Vec<Survivor>,
    pub race_free: bool,
    pub proof: &'static str,
    pub elapsed: f64,
}

#[napi(object, object_from_js = false)]
pub struct Survivor {
    pub process: ProcessInfo,
    pub reason: &'static str,
}

#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ProcessInfo {
    pub pid: i32,
    pub ppid: Option<i32>,
    pub pgid: Option<i32>,
    pub sid: Option<i32>,
    pub name: Option<String>,
    pub state: Option<String>,
    /// Milliseconds since 1970.
    pub start_time: Option<f64>,
}

#[napi(object, object_from_js = false)]
pub struct NamedSignal {
    pub name: String,
    pub number: i32,
}
