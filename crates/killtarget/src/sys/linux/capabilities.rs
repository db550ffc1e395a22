//! What the running kernel supports, and the reason for what is missing.

use super::{
    probe::{self, Refusal, Verdict},
    procfs,
};
use crate::{sys::unix::errno::errno_name, types::Capabilities};

pub(crate) fn capabilities() -> Capabilities {
    let mut reasons = Vec::new();
    let mut check = |what: &str, verdict: Verdict| {
        if let Err(Refusal { syscall, errno }) = verdict {
            reasons.push(format!("{what}: {syscall} failed with {}", errno_name(errno as i32)));
        }
        verdict.is_ok()
    };
    let proc = procfs::check();
    let mut capabilities = Capabilities {
        pidfd: check("pidfd", probe::pidfd()),
        proc_signal: proc.is_ok() && check("procSignal", probe::proc_signal()),
        group_signal: check("groupSignal", probe::group_signal()),
        wait: check("wait", probe::wait()),
        info: check("info", probe::info()),
        exit_info: check("exitInfo", probe::exit_info()),
        race_free: check("raceFree", probe::race_free()),
        proc: proc.is_ok(),
        reason: None,
    };
    if let Err(unusable) = proc {
        reasons.push(format!("proc, procSignal: {}", unusable.reason()));
    }
    capabilities.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    capabilities
}
