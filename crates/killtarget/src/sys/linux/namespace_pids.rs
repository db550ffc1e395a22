//! Whether a `/proc` belongs to the PID namespace of this process, by the pids that it gives to this process.

use nix::unistd::{getpgrp, getsid};

use super::{stat::Stat, status};
use crate::{sys::unix::process, types::Pid};

/// Returns whether `self/status` of a `/proc` shows that this belongs to the PID namespace of the calling process. Returns
/// `None` if the kernel does not tell.
///
/// `NSpid` has a pid for each namespace from that of the `/proc` down to that of the process. So it has one pid only if both
/// are the same namespace. An outer namespace may have given the process the same pid.
///
/// # References
/// `proc_pid_status(5)`: `NSpid`, Linux 4.1.
pub(super) fn is_own(status: &[u8]) -> Option<bool> {
    let caller = process::own_pid().to_string();
    let is_caller = |name: &str| Some(status::field(status, name)? == caller);
    if is_caller("Tgid")? { is_caller("NSpid") } else { Some(false) }
}

/// Returns whether `self/stat` has the pids that the system calls give. For kernels without `NSpid`.
///
/// An outer namespace would have had to give equal pids to the process, its parent, its group and its session.
pub(super) fn has_same_pids(stat: &Stat) -> bool {
    let session = getsid(None).map_or(-1, nix::unistd::Pid::as_raw);
    let parent = process::own_parent().map_or(0, Pid::as_raw);
    (stat.ppid, stat.pgrp, stat.session) == (parent, getpgrp().as_raw(), session)
}

/// Returns the pid that a process has in its own PID namespace, from its `status`.
pub(super) fn innermost(status: &[u8]) -> Option<Pid> {
    let pid = status::field(status, "NSpid")?.split_ascii_whitespace().last()?;
    Pid::new(pid.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(tgid: &str, ns_pid: &str) -> Vec<u8> {
        format!("Name:\tNSpid:\nUmask:\t0022\nTgid:\t{tgid}\nPid:\t{tgid}\n{ns_pid}Threads:\t1\n")
            .into_bytes()
    }

    #[test]
    fn one_pid_in_the_status_shows_that_proc_is_of_this_namespace() {
        let caller = process::own_pid().to_string();
        assert_eq!(is_own(&status(&caller, &format!("NSpid:\t{caller}\n"))), Some(true));
    }

    #[test]
    fn the_proc_of_an_outer_namespace_with_the_same_pid_is_not_of_this_namespace() {
        let caller = process::own_pid().to_string();
        assert_eq!(is_own(&status(&caller, &format!("NSpid:\t{caller}\t{caller}\n"))), Some(false));
        assert_eq!(is_own(&status("1", &format!("NSpid:\t1\t{caller}\n"))), Some(false));
        assert_eq!(is_own(&status("1", "NSpid:\t1\n")), Some(false));
    }

    #[test]
    fn a_kernel_without_nspid_leaves_the_namespace_open() {
        assert_eq!(is_own(&status(&process::own_pid().to_string(), "")), None);
        assert_eq!(is_own(&status("1", "")), Some(false));
        assert_eq!(is_own(b""), None);
    }

    #[test]
    fn the_stat_of_this_process_has_the_pids_that_the_system_calls_give() {
        if std::env::var_os("QEMU_LD_PREFIX").is_some() {
            return; // qemu makes up this file.
        }
        let stat = Stat::parse(&std::fs::read("/proc/self/stat").unwrap()).unwrap();
        assert!(has_same_pids(&stat));
        assert!(!has_same_pids(&Stat { session: stat.session + 1, ..stat }));
        assert!(!has_same_pids(&Stat { ppid: stat.ppid + 1, ..stat }));
    }
}
