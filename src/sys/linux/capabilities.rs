//! What this kernel can do, told to those who want to know.

use super::{
    errno::errno_name,
    probe::{self, Refusal, Verdict},
    procfs::{self, Unusable},
};
use crate::capabilities::Capabilities;

pub(crate) fn capabilities() -> Capabilities {
    let mut reasons = Vec::new();
    let mut can = |what: &str, verdict: Verdict| {
        if let Err(Refusal { syscall, errno }) = verdict {
            reasons.push(format!("{what}: {syscall} gave {}", errno_name(errno as i32)));
        }
        verdict.is_ok()
    };
    let mut found = Capabilities {
        pidfd: can("pidfd", probe::pidfd()),
        proc_signal: can("procSignal", probe::proc_signal()),
        group_signal: can("groupSignal", probe::group_signal()),
        wait: can("wait", probe::wait()),
        info: can("info", probe::info()),
        exit_info: can("exitInfo", probe::exit_info()),
        race_free: can("raceFree", probe::race_free()),
        proc: false,
        reason: None,
    };
    match procfs::check() {
        Ok(()) => found.proc = true,
        Err(Unusable::Absent) => reasons.push("proc: there is no /proc".to_owned()),
        Err(Unusable::Foreign) => reasons.push("proc: /proc is another PID namespace's".to_owned()),
    }
    found.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    found
}
