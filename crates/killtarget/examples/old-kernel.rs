//! Runs a program as if on a kernel that lacks calls: `old-kernel 6.8 node test.js`.
//!
//! A seccomp filter answers for the kernel. It is kept over exec and fork and can't be taken off again, so all that the
//! program starts sees the same kernel.

use std::{collections::BTreeMap, env, os::unix::process::CommandExt, process::Command};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition as Condition,
    SeccompFilter, SeccompRule, apply_filter,
};

type Failure = Box<dyn std::error::Error>;

/// What is answered, to which call, under which conditions. No condition: always.
struct Answer {
    errno: i32,
    syscall: i64,
    conditions: Vec<Condition>,
}

/// What is new in 6.9: flags for `pidfd_send_signal`, pidfds of threads, a file system of pidfds.
fn before_6_9() -> Result<Vec<Answer>, Failure> {
    Ok(vec![
        when(libc::EINVAL, libc::SYS_pidfd_send_signal, vec![Condition::new(3, Len::Dword, Op::Ne, 0)?]),
        when(libc::EINVAL, libc::SYS_pidfd_open, vec![Condition::new(1, Len::Dword, Op::Ne, 0)?]),
        always(libc::ENOSYS, libc::SYS_fstatfs),
    ])
}

/// `PIDFD_GET_INFO`, whatever size of structure is asked for: `ENOTTY` before 6.9, `EINVAL` before 6.13.
fn no_get_info(errno: i32) -> Result<Answer, Failure> {
    const KIND_AND_NUMBER: u64 = 0xffff;
    const PIDFD_GET_INFO: u64 = 0xff0b;
    let info = Condition::new(1, Len::Dword, Op::MaskedEq(KIND_AND_NUMBER), PIDFD_GET_INFO)?;
    Ok(when(errno, libc::SYS_ioctl, vec![info]))
}

/// `waitid(P_PIDFD)`, new in 5.4.
fn no_wait_by_pidfd() -> Result<Answer, Failure> {
    let kind = Condition::new(0, Len::Dword, Op::Eq, libc::P_PIDFD.into())?;
    Ok(when(libc::EINVAL, libc::SYS_waitid, vec![kind]))
}

fn no_pidfd(errno: i32) -> Result<Vec<Answer>, Failure> {
    Ok(vec![
        always(errno, libc::SYS_pidfd_open),
        always(errno, libc::SYS_pidfd_send_signal),
        no_wait_by_pidfd()?,
    ])
}

fn kernel(name: &str) -> Result<Vec<Answer>, Failure> {
    match name {
        // pidfd_send_signal without pidfd_open: a /proc directory stands in for the pidfd.
        "5.2" => {
            let [flags, _, _] = before_6_9()?.try_into().map_err(|_| "three answers")?;
            Ok(vec![flags, always(libc::ENOSYS, libc::SYS_pidfd_open), no_wait_by_pidfd()?])
        }
        "no-pidfd" => no_pidfd(libc::ENOSYS),
        // As container profiles of 2019 and 2020 have it.
        "refused" => no_pidfd(libc::EPERM),
        "6.8" => Ok(before_6_9()?.into_iter().chain([no_get_info(libc::ENOTTY)?]).collect()),
        "6.12" => Ok(vec![no_get_info(libc::EINVAL)?]),
        _ => Err(format!("no such kernel: {name}").into()),
    }
}

fn always(errno: i32, syscall: i64) -> Answer {
    when(errno, syscall, Vec::new())
}

fn when(errno: i32, syscall: i64, conditions: Vec<Condition>) -> Answer {
    Answer { errno, syscall, conditions }
}

/// Filters stack, and each has one answer; so each call gets a filter of its own.
fn install(Answer { errno, syscall, conditions }: Answer) -> Result<(), Failure> {
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

fn main() -> Result<(), Failure> {
    let mut arguments = env::args_os().skip(1);
    let name = arguments.next().ok_or("usage: old-kernel KERNEL PROGRAM [ARGUMENT ...]")?;
    let program = arguments.next().ok_or("no program to run")?;
    for answer in kernel(&name.to_string_lossy())? {
        install(answer)?;
    }
    Err(Command::new(program).args(arguments).exec().into())
}
