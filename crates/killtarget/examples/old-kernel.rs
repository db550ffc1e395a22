//! Simulates an older kernel for a program: `old-kernel 6.8 node test.js`.
//!
//! A seccomp filter gives the errors of that kernel. It is inherited over fork and exec, and cannot be removed. So the
//! descendants of the program see the same kernel.

use std::{collections::BTreeMap, env, os::unix::process::CommandExt, process::Command};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition as Condition,
    SeccompFilter, SeccompRule, apply_filter,
};

type Error = Box<dyn std::error::Error>;

/// The error that a system call gives under these conditions. Without conditions it always gives it.
struct FailingCall {
    errno: i32,
    syscall: i64,
    conditions: Vec<Condition>,
}

/// Removes what is new in 6.9: flags of `pidfd_send_signal`, pidfds of threads. Without the flags, the core does not expect
/// the file system of pidfds, which is as new.
fn before_6_9() -> Result<Vec<FailingCall>, Error> {
    Ok(vec![
        when(libc::EINVAL, libc::SYS_pidfd_send_signal, vec![Condition::new(3, Len::Dword, Op::Ne, 0)?]),
        when(libc::EINVAL, libc::SYS_pidfd_open, vec![Condition::new(1, Len::Dword, Op::Ne, 0)?]),
    ])
}

/// Removes `PIDFD_GET_INFO` for each size of its struct. It gave `ENOTTY` before 6.9 and `EINVAL` before 6.13.
fn no_get_info(errno: i32) -> Result<FailingCall, Error> {
    const KIND_AND_NUMBER: u64 = 0xffff;
    const PIDFD_GET_INFO: u64 = 0xff0b;
    let info = Condition::new(1, Len::Dword, Op::MaskedEq(KIND_AND_NUMBER), PIDFD_GET_INFO)?;
    Ok(when(errno, libc::SYS_ioctl, vec![info]))
}

/// Removes the file handles of pidfds, which are new in 6.14.
fn no_file_handles() -> FailingCall {
    always(libc::EOPNOTSUPP, libc::SYS_name_to_handle_at)
}

/// Removes `waitid(P_PIDFD)`, which is new in 5.4.
fn no_wait_by_pidfd() -> Result<FailingCall, Error> {
    let kind = Condition::new(0, Len::Dword, Op::Eq, libc::P_PIDFD.into())?;
    Ok(when(libc::EINVAL, libc::SYS_waitid, vec![kind]))
}

/// Removes the owners of files. Before 5.12 they did not show whether a group has members.
fn no_file_owner() -> Result<FailingCall, Error> {
    const F_SETOWN_EX: u64 = 15;
    Ok(when(libc::EINVAL, libc::SYS_fcntl, vec![Condition::new(1, Len::Dword, Op::Eq, F_SETOWN_EX)?]))
}

fn no_pidfd(errno: i32) -> Result<Vec<FailingCall>, Error> {
    Ok(vec![
        always(errno, libc::SYS_pidfd_open),
        always(errno, libc::SYS_pidfd_send_signal),
        // Linux 5.6.
        always(errno, libc::SYS_openat2),
        no_wait_by_pidfd()?,
        no_file_owner()?,
    ])
}

fn kernel(name: &str) -> Result<Vec<FailingCall>, Error> {
    match name {
        // This kernel has pidfd_send_signal without pidfd_open. A /proc directory replaces the pidfd.
        "5.2" => {
            let [flags, _] = before_6_9()?.try_into().map_err(|_| "expected two system calls")?;
            let opens = [libc::SYS_pidfd_open, libc::SYS_openat2];
            let absent = opens.map(|call| always(libc::ENOSYS, call));
            Ok([flags, no_wait_by_pidfd()?, no_file_owner()?].into_iter().chain(absent).collect())
        }
        "no-pidfd" => no_pidfd(libc::ENOSYS),
        // Container profiles of 2019 and 2020 refuse the calls like this.
        "refused" => no_pidfd(libc::EPERM),
        "6.8" => {
            Ok(before_6_9()?.into_iter().chain([no_get_info(libc::ENOTTY)?, no_file_handles()]).collect())
        }
        "6.12" => Ok(vec![no_get_info(libc::EINVAL)?, no_file_handles()]),
        _ => Err(format!("Unknown kernel: {name}. Use 5.2, 6.8, 6.12, no-pidfd or refused.").into()),
    }
}

fn always(errno: i32, syscall: i64) -> FailingCall {
    when(errno, syscall, Vec::new())
}

fn when(errno: i32, syscall: i64, conditions: Vec<Condition>) -> FailingCall {
    FailingCall { errno, syscall, conditions }
}

/// Installs a filter for one call. A filter has one error only, so each call needs a filter of its own. Filters add up.
fn install(FailingCall { errno, syscall, conditions }: FailingCall) -> Result<(), Error> {
    let rules = if conditions.is_empty() { Vec::new() } else { vec![SeccompRule::new(conditions)?] };
    let filter = SeccompFilter::new(
        BTreeMap::from([(syscall, rules)]),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    Ok(apply_filter(&program)?)
}

fn main() -> Result<(), Error> {
    let mut arguments = env::args_os().skip(1);
    let name = arguments.next().ok_or("Usage: old-kernel KERNEL PROGRAM [ARGUMENT ...]")?;
    let program = arguments.next().ok_or("Expected a program after the kernel")?;
    for failing in kernel(&name.to_string_lossy())? {
        install(failing)?;
    }
    Err(Command::new(program).args(arguments).exec().into())
}
