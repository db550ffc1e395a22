//! What this kernel can do, told to those who want to know.

use super::{
    probe::{self, Refusal, Verdict},
    procfs::{self, Unusable},
};
use crate::{sys::unix::errno::errno_name, types::Capabilities};

pub(crate) fn capabilities() -> Capabilities {
    let mut reasons = Vec::new();
    let mut can = |what: &str, verdict: Verdict| {
        if let Err(Refusal { syscall, errno }) = verdict {
            reasons.push(format!("{what}: {syscall} gave {}", errno_name(errno as i32)));
        }
        verdict.is_ok()
    };
    let proc = procfs::check();
    let mut found = Capabilities {
        pidfd: can("pidfd", probe::pidfd()),
        proc_signal: proc.is_ok() && can("procSignal", probe::proc_signal()),
        group_signal: can("groupSignal", probe::group_signal()),
        wait: can("wait", probe::wait()),
        info: can("info", probe::info()),
        exit_info: can("exitInfo", probe::exit_info()),
        race_free: can("raceFree", probe::race_free()),
        proc: proc.is_ok(),
        reason: None,
    };
    if let Err(unusable) = proc {
        let why = match unusable {
            Unusable::Absent => "there is no /proc",
            Unusable::Foreign => "/proc is another PID namespace's",
        };
        reasons.push(format!("proc, procSignal: {why}"));
    }
    found.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    found
}
