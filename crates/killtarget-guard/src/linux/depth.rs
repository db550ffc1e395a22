//! SIGKILL to what is far below this process, without waiting until it is a child.
//!
//! A process below a child can be reaped at any time, so that its pid is another's. It is opened first. Then its parent is read,
//! and then whether the parent was reaped: until that, the pid is the parent's own.

use std::array;

use super::procfs::{Stat, each_child_of_thread};
use crate::{
    sys::{self, Handle},
    types::{Pid, Signal},
};

/// How many processes may wait for the search of their children. Others are killed at once: their children become orphans.
const MAX_OPEN: usize = 16;

/// How many processes one search goes through. Forks without pause must not keep this process from its work.
const MAX_SEARCHED: usize = 1 << 12;

/// Kills a child of this process that was not reaped, and all that is found below.
pub(crate) fn kill_with_descendants(child: Pid) {
    let mut open: [Option<(Pid, Option<Handle>)>; MAX_OPEN] = array::from_fn(|_| None);
    let [first, ..] = &mut open;
    *first = Some((child, None));
    let mut count = 1_usize;
    for _ in 0..MAX_SEARCHED {
        let Some(last) = count.checked_sub(1) else { return };
        let Some((pid, handle)) = open.get_mut(last).and_then(Option::take) else { return };
        count = last;
        // Those of its other threads become orphans, too.
        each_child_of_thread(pid.raw(), pid.raw(), |found| {
            let Some((found, below)) = open_child(found, pid, handle.as_ref()) else { return };
            match open.get_mut(count) {
                Some(place) => {
                    *place = Some((found, Some(below)));
                    count += 1;
                }
                None => drop(below.signal(Signal::KILL)),
            }
        });
        // Only now: the children of a process that has exited are not below it.
        let _ = handle.map_or_else(|| sys::kill(pid, Signal::KILL), |handle| handle.signal(Signal::KILL));
    }
}

/// Opens a process that was listed as a child of another one. Returns `None` if it may be another process by now, or if the
/// kernel has no handles.
fn open_child(pid: i32, parent: Pid, handle: Option<&Handle>) -> Option<(Pid, Handle)> {
    let pid = Pid::new(pid)?;
    let child = sys::open_handle(pid).ok().filter(|child| child.as_fd().is_some())?;
    let is_child = Stat::read(pid.raw())?.parent == parent.raw() && handle.is_none_or(Handle::has_pid);
    is_child.then_some((pid, child))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read},
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    fn a_child_and_all_below_it_are_killed_before_they_are_children_of_this_process() {
        let chain =
            r#"sh -c 'sh -c "echo ready; sleep 3; echo alive" & wait; echo alive' & wait; echo alive"#;
        let mut child = Command::new("sh").args(["-c", chain]).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        kill_with_descendants(Pid::new(i32::try_from(child.id()).unwrap()).unwrap());
        // Until the last of them has exited.
        output.read_to_string(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        child.wait().unwrap();
    }

    #[test]
    fn a_process_is_below_another_only_while_that_one_has_its_pid() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let own = Pid::new(sys::own_pid()).unwrap();
        let mut parent = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let handle = sys::open_handle(Pid::new(i32::try_from(parent.id()).unwrap()).unwrap()).unwrap();
        assert!(open_child(pid, own, Some(&handle)).is_some());
        assert!(open_child(pid, Pid::new(pid).unwrap(), None).is_none());
        drop(parent.stdin.take());
        parent.wait().unwrap();
        assert!(open_child(pid, own, Some(&handle)).is_none());
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
