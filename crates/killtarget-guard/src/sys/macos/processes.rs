//! Processes: verified signals, stops, the exit.

use super::{
    audit_token::{self, AuditToken},
    libproc,
    signals::{reset, unblock_only},
};
use crate::{
    sys::{
        error::Errno,
        processes::{exit, kill, own_pid},
    },
    types::{Pid, Signal, Status},
};

/// Does nothing: no call lets a process exit with its parent. The end of the gate does.
pub(crate) fn end_with_parent() {}

/// Returns whether a process is stopped.
pub(crate) fn is_stopped(pid: i32) -> bool {
    libproc::short_info(pid).is_some_and(|info| info.pbsi_status == libc::SSTOP)
}

/// Stops this process, until something continues it.
pub(crate) fn stop_self() {
    // SAFETY: the call takes numbers.
    unsafe { libc::kill(own_pid(), libc::SIGSTOP) };
}

/// `proc_signal_with_audittoken(&token, signal)`, which returns the error number itself.
type SignalByToken = unsafe extern "C" fn(*const AuditToken, i32) -> i32;

/// Sends signals to verified processes.
#[derive(Clone, Copy)]
pub(crate) struct Sender(Option<SignalByToken>);

impl Sender {
    /// Looks the call up that macOS has since 14.2. Before, the unique id is checked right before kill(2), and a process that
    /// gets the pid in between would get the signal.
    pub(crate) fn new() -> Self {
        // SAFETY: the name is a C string, and dlsym only reads it.
        let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"proc_signal_with_audittoken".as_ptr()) };
        // SAFETY: the function of that name has this signature. (xnu, `libproc_internal.h`)
        let call = |symbol| unsafe { std::mem::transmute::<*mut libc::c_void, SignalByToken>(symbol) };
        Self((!symbol.is_null()).then(|| call(symbol)))
    }

    /// Signals the process that has this pid and this unique id, and no other.
    ///
    /// # Errors
    /// `EPERM`. A process that is gone is no error.
    pub(crate) fn send(self, pid: i32, id: u64, signal: Signal) -> Result<(), Errno> {
        let Some(call) = self.0 else {
            let is_same = libproc::unique_info(pid).is_some_and(|info| info.id == id);
            return match Pid::new(pid).filter(|_| is_same).map(|pid| kill(pid, signal)) {
                Some(Err(Errno::ESRCH)) | None => Ok(()),
                Some(result) => result,
            };
        };
        let by_token = |token: &AuditToken| {
            // SAFETY: the call only reads the token.
            match unsafe { call(std::ptr::from_ref(token), signal.raw()) } {
                0 => Ok(()),
                error => Err(Errno::from_raw(error)),
            }
        };
        audit_token::signal(pid, id, || libproc::unique_info(pid), by_token)
    }
}

/// Exits with the status of another process. A signal ends this process without a core dump, which would be the guard's.
pub(crate) fn exit_like(status: Status) -> ! {
    let signal = match status {
        Status::Code(code) => exit(code),
        Status::Signal(signal) => signal,
    };
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is valid.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    reset(signal);
    unblock_only(signal);
    // SAFETY: the call takes numbers, and sends the signal to this process.
    unsafe { libc::kill(own_pid(), signal.raw()) };
    exit(128 + u8::try_from(signal.raw()).unwrap_or(0))
}
