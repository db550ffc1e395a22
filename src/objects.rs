//! The objects that pass between JavaScript and the core.

#![allow(
    missing_docs,     // users read the docs of the TypeScript API
    unreachable_pub,  // the macros of napi need `pub`
    clippy::struct_excessive_bools,
)]

use napi_derive::napi;

/// The error of a call, as a value.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Failure {
    /// The stable name of the error: `EPERM`, `ERR_NOT_A_PROCESS`.
    pub code: String,
    pub message: String,
    /// The error number of the system, negative as in Node. Only set for a system error.
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

/// Identifies a process across pid reuse.
#[napi(object, object_from_js = false)]
pub struct Identity {
    pub mark: String,
    pub settled: bool,
}

/// Describes a termination. Durations are in milliseconds.
#[napi(object, object_to_js = false, use_nullable = true)]
pub struct Request {
    /// The core's default if unset.
    pub scope: Option<String>,
    pub steps: Vec<Step>,
    /// Whether SIGKILL follows the last step.
    pub kill: bool,
    pub timeout: f64,
    pub allow_self: bool,
    /// Whether to skip the grace periods.
    pub forced: bool,
    /// The handles of the processes that are left alone.
    pub except: Vec<f64>,
    /// The number of the operation that is completed at each step.
    pub observer: Option<f64>,
}

#[napi(object, object_to_js = false)]
pub struct Step {
    pub signals: Vec<f64>,
    pub grace: f64,
    pub to_root: bool,
}

#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Report {
    pub outcome: &'static str,
    /// Whether the root has exited.
    pub exited: bool,
    // Not `code`: JavaScript recognizes a failure by a property of that name.
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
    /// The arguments, with NULs between them.
    pub command: Option<String>,
    pub user: Option<u32>,
    pub state: Option<String>,
    /// Milliseconds since 1970.
    pub start_time: Option<f64>,
    pub token: Option<String>,
}

#[napi(object, object_from_js = false)]
pub struct NamedSignal {
    pub name: String,
    pub number: i32,
}

/// How far the assignment of pids has come.
#[napi(object)]
pub struct PidClock {
    /// How many processes and threads the machine has started.
    pub starts: f64,
    /// The pid that was assigned last.
    pub last_pid: f64,
}
