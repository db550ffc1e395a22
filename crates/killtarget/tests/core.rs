//! Tests of the public Rust API, with real processes.

#![allow(clippy::unwrap_used)] // clippy allows it in tests, but not in their helpers

use std::{
    io::Read,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc::channel},
    time::Duration,
};

use killtarget::{
    Callbacks, Delivery, Error, Exit, KillTarget, Method, Outcome, Pid, Plan, Proof, ProtectedProcess,
    Recipients, Request, Scope, Signal, Step, Token, Verification, capabilities, descendants, resume,
    signal_descendants, suspend, terminate, terminate_sync,
};

/// Starts a process that runs until it is signalled, or until the end of the test closes its input.
fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

fn pid_of(child: &Child) -> Pid {
    Pid::new(child.id().cast_signed()).unwrap()
}

fn own_pid() -> Pid {
    Pid::new(std::process::id().cast_signed()).unwrap()
}

#[test]
fn a_signalled_child_is_gone_once_it_is_reaped() {
    let mut child = start(&mut Command::new("cat"));
    let target = KillTarget::from_child(&child).unwrap().unwrap();
    assert_eq!(target.pid(), pid_of(&child));
    assert!(target.is_alive().unwrap());
    assert_eq!(target.signal(Signal::PROBE), Ok(Delivery::Delivered));
    assert_eq!(target.signal(Signal::KILL), Ok(Delivery::Delivered));
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert!(!target.is_alive().unwrap());
    assert_eq!(target.signal(Signal::KILL), Ok(Delivery::Gone));
}

#[test]
fn a_reaped_child_is_no_target() {
    let mut child = start(&mut Command::new("true"));
    child.wait().unwrap();
    assert!(KillTarget::from_child(&child).unwrap().is_none());
    let target = KillTarget::from_pid(pid_of(&child)).unwrap();
    assert_eq!((target.method(), target.race_free()), (Method::Gone, true));
    assert_eq!(target.signal(Signal::TERM), Ok(Delivery::Gone));
    assert_eq!(target.signal_pg(Signal::TERM), Ok(Delivery::Gone));
}

#[test]
fn from_child_pid_finds_no_target_for_a_process_that_is_no_child() {
    let target = KillTarget::from_child_pid(own_pid(), Verification::Required).unwrap();
    assert_eq!(target.method(), Method::Gone);
}

#[test]
fn a_zombie_is_not_alive_but_accepts_signals() {
    let mut child = start(&mut Command::new("cat"));
    let target = KillTarget::from_pid(pid_of(&child)).unwrap();
    target.signal(Signal::KILL).unwrap();
    while target.is_alive().unwrap() {
        std::thread::yield_now();
    }
    assert_eq!(target.signal(Signal::KILL), Ok(Delivery::Delivered));
    child.wait().unwrap();
    assert_eq!(target.signal(Signal::KILL), Ok(Delivery::Gone));
}

#[test]
fn a_group_is_signalled_through_its_leader_until_and_after_the_leader_is_reaped() {
    let mut leader = Command::new("sh")
        .args(["-c", "sleep 60 & echo $!; read line"])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let target = KillTarget::from_pid(pid_of(&leader)).unwrap();
    let mut line = String::new();
    let mut output = leader.stdout.take().unwrap();
    while !line.ends_with('\n') {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        line.push(char::from(byte[0]));
    }
    let member = KillTarget::from_pid(Pid::new(line.trim().parse().unwrap()).unwrap()).unwrap();
    assert_eq!(target.signal_pg(Signal::PROBE), Ok(Delivery::Delivered));

    drop(leader.stdin.take());
    leader.wait().unwrap();
    assert_eq!(target.signal(Signal::PROBE), Ok(Delivery::Gone));
    assert!(member.is_alive().unwrap(), "the member outlives its leader");
    if cfg!(target_os = "linux") {
        assert_eq!(target.signal_pg(Signal::KILL), Ok(Delivery::Delivered));
    } else {
        assert!(matches!(target.signal_pg(Signal::KILL), Err(Error::Os { .. })));
        member.signal(Signal::KILL).unwrap();
    }
    while member.is_alive().unwrap() {
        std::thread::yield_now();
    }
}

#[test]
fn signal_pg_is_refused_for_a_process_that_leads_no_group() {
    let mut child = start(&mut Command::new("cat"));
    let target = KillTarget::from_child(&child).unwrap().unwrap();
    assert_eq!(target.signal_pg(Signal::KILL), Err(Error::NotGroupLeader(target.pid())));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn signal_pg_is_refused_for_the_caller_its_ancestors_and_init() {
    let refused = |pid: Pid| match KillTarget::from_pid(pid).unwrap().signal_pg(Signal::KILL) {
        Err(Error::Protected { holds, .. }) => holds,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(own_pid()), ProtectedProcess::Caller);
    let parent = Pid::new(std::os::unix::process::parent_id().cast_signed()).unwrap();
    assert!(matches!(
        refused(parent),
        ProtectedProcess::Ancestor(_) | ProtectedProcess::Caller | ProtectedProcess::Init
    ));
    assert!(matches!(refused(Pid::INIT), ProtectedProcess::Init | ProtectedProcess::Ancestor(_)));
}

/// The Linux-only API.
#[cfg(target_os = "linux")]
mod linux {
    use killtarget::Pidfd;

    use super::*;

    #[test]
    fn a_thread_id_is_refused() {
        let (id_sender, id_receiver) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let link = std::fs::read_link("/proc/thread-self").unwrap();
            let id: i32 = link.file_name().unwrap().to_str().unwrap().parse().unwrap();
            id_sender.send(id).unwrap();
            let _ = stopped.recv();
        });
        let id = Pid::new(id_receiver.recv().unwrap()).unwrap();
        assert_eq!(KillTarget::from_pid(id).unwrap_err(), Error::NotAProcess(id));
        if capabilities().pidfd {
            assert_eq!(Pidfd::open(id).unwrap_err(), Error::NotAProcess(id));
        }
        drop(stop);
        thread.join().unwrap();
    }

    #[test]
    fn a_pidfd_never_refers_to_another_process() {
        if !capabilities().pidfd {
            return;
        }
        let mut child = start(&mut Command::new("cat"));
        let pidfd = Pidfd::open(pid_of(&child)).unwrap().unwrap();
        assert_eq!(pidfd.send_signal(Signal::TERM), Ok(Delivery::Delivered));
        child.wait().unwrap();
        assert_eq!(pidfd.send_signal(Signal::TERM), Ok(Delivery::Gone));
        assert!(Pidfd::open(pid_of(&child)).unwrap().is_none());
    }
}

#[test]
fn a_token_is_of_one_process() {
    let (mut one, mut other) = (start(&mut Command::new("cat")), start(&mut Command::new("cat")));
    let token = |child: &Child| {
        let target = KillTarget::from_child(child).unwrap().unwrap();
        let text = target.token().unwrap().unwrap().to_string();
        text.parse::<Token>().unwrap()
    };
    let (of_one, of_other) = (token(&one), token(&other));
    assert_ne!(of_one.to_string(), of_other.to_string());
    for (child, token) in [(&mut one, of_one), (&mut other, of_other)] {
        let found = KillTarget::from_token(&token).unwrap();
        assert_eq!(found.is_alive(), Ok(true));
        assert_eq!(found.info().unwrap().token.unwrap().pid(), token.pid());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(found.token(), Ok(None));
        assert_eq!(KillTarget::from_token(&token).unwrap().method(), Method::Gone);
    }
}

fn plan(grace: u64) -> Plan {
    let step =
        Step { signals: vec![Signal::TERM], grace: Some(Duration::from_millis(grace)), to: Recipients::All };
    Plan { steps: vec![step], kill: true, timeout: Some(Duration::from_secs(30)) }
}

fn request(scope: Scope, grace: u64) -> Request {
    Request::new(scope, plan(grace))
}

/// Starts a shell that leads a group, and waits for the line that it writes when it is ready.
fn shell(script: &str) -> (Child, Arc<KillTarget>) {
    let mut command = Command::new("sh");
    command.args(["-c", script]).process_group(0);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 1]).unwrap();
    let target = KillTarget::from_child(&child).unwrap().unwrap();
    (child, Arc::new(target))
}

/// Starts a process that ignores SIGTERM.
fn ignores_sigterm() -> (Child, Arc<KillTarget>) {
    shell("trap '' TERM; echo; exec cat")
}

#[test]
fn terminate_sync_sends_sigkill_only_to_a_process_that_ignores_sigterm() {
    for scope in [Scope::Process, Scope::Group] {
        // Under qemu, a child may not lead its group yet when it was started.
        let (mut child, target) = shell("echo; exec cat");
        let report = terminate_sync(&target, request(scope, 30_000)).unwrap();
        assert_eq!((report.outcome, report.ended), (Outcome::Exited, 1));
        assert_eq!(report.exit, Some(Exit::Signal(Signal::TERM)));
        assert_eq!(child.wait().unwrap().signal(), Some(15));

        let (mut child, target) = ignores_sigterm();
        let report = terminate_sync(&target, request(scope, 50)).unwrap();
        assert_eq!((report.outcome, report.survivors), (Outcome::Killed, Vec::new()));
        assert!(report.elapsed >= Duration::from_millis(50));
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        let again = terminate_sync(&target, request(Scope::Process, 50)).unwrap();
        assert_eq!((again.outcome, again.ended), (Outcome::Gone, 0));
    }
}

#[test]
fn terminate_reports_on_completion_and_force_skips_the_grace_period() {
    let (mut child, target) = ignores_sigterm();
    let (sender, receiver) = channel();
    let on_done = Callbacks::new(Box::new(move |report| sender.send(report).unwrap()));
    let termination = terminate(&target, request(Scope::Process, 600_000), on_done).unwrap();
    assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err(), "the grace period lasts");
    termination.force();
    let report = receiver.recv_timeout(Duration::from_secs(30)).unwrap().unwrap();
    assert_eq!(report.outcome, Outcome::Killed);
    child.wait().unwrap();
}

#[test]
fn a_protected_process_is_neither_terminated_nor_suspended() {
    let target = Arc::new(KillTarget::from_pid(own_pid()).unwrap());
    let refused = terminate_sync(&target, request(Scope::Process, 0));
    assert_eq!(refused, Err(Error::Protected { pid: own_pid(), holds: ProtectedProcess::Caller }));
    let refused = suspend(&target, None, false, Box::new(drop));
    assert!(matches!(refused, Err(Error::Protected { .. })));
}

#[test]
fn a_suspended_process_continues_when_it_is_resumed() {
    let (mut child, target) = ignores_sigterm();
    for act in [suspend, resume] {
        let (sender, receiver) = channel();
        act(&target, Some(Scope::Process), false, Box::new(move |failed| sender.send(failed).unwrap()))
            .unwrap();
        assert_eq!(receiver.recv_timeout(Duration::from_secs(30)).unwrap(), Ok(Vec::new()));
    }
    assert_ne!(target.info().unwrap().state, Some('T'));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Starts a process with two children and a grandchild. All exit when its input closes.
fn tree() -> (Child, Arc<KillTarget>) {
    shell("exec 3<&0; cat <&3 & (cat <&3 & echo; wait) & wait")
}

#[test]
fn descendants_finds_the_tree_and_terminate_sync_leaves_none_of_it() {
    for grace in [30_000, 0] {
        // On a very slow machine a scan may have a gap, and the report says so.
        let proof = (0..5).map(|_| terminated_tree(grace)).find(|proof| *proof != Proof::BestEffort);
        assert_eq!(proof, Some(Proof::Group));
    }
}

fn terminated_tree(grace: u64) -> Proof {
    let (mut root, target) = tree();
    let found = descendants(&target, false).unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
    let mut known = vec![target.pid().as_raw()];
    for info in &found {
        assert!(known.contains(&info.ppid.unwrap()), "parents first: {found:?}");
        known.push(info.pid.as_raw());
    }
    let mut request = request(Scope::Tree, grace);
    if grace == 0 {
        request.plan.steps.clear();
    }
    let report = terminate_sync(&target, Request { scope: None, ..request }).unwrap();
    let outcome = if grace == 0 { Outcome::Killed } else { Outcome::Exited };
    assert_eq!((report.outcome, report.ended, report.survivors.len()), (outcome, 4, 0));
    assert_eq!(descendants(&target, false), Ok(Vec::new()));
    root.wait().unwrap();
    report.proof
}

#[test]
fn signal_descendants_signals_each_process_once() {
    for signal in [Signal::PROBE, Signal::KILL] {
        let (mut root, target) = tree();
        let (sender, receiver) = channel();
        signal_descendants(&target, signal, Box::new(move |failed| sender.send(failed).unwrap())).unwrap();
        assert_eq!(receiver.recv_timeout(Duration::from_secs(30)).unwrap(), Ok(Vec::new()));
        if signal == Signal::PROBE {
            assert_eq!(descendants(&target, false).unwrap().len(), 3);
            drop(root.stdin.take());
        }
        root.wait().unwrap();
    }
}
