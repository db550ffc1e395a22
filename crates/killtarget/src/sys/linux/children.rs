//! The children of a process, from the lists of its threads.

use nix::errno::Errno;

use super::procfs::ProcEntry;
use crate::{sys::stable_list::StableList, types::Pid};

/// What is read of the threads of one process.
trait Threads {
    /// Lists the threads, the first thread first. If threads exit meanwhile, others may be missing.
    fn list(&self) -> Result<Vec<Pid>, Errno>;
    /// Lists the children of a thread. Returns `None` if the thread was reaped.
    fn children(&self, thread: Pid) -> Result<Option<Vec<Pid>>, Errno>;
    /// Returns whether the process has that many threads now, and its first thread is not exiting.
    fn has_kept(&self, count: usize) -> bool;
}

impl ProcEntry<'_> {
    /// Lists the children. Each is in the list of the thread that forked it, or that became its parent as it was
    /// orphaned.
    ///
    /// # Errors
    /// `ESRCH`: the process was reaped, or an entry by pid is hidden. `EACCES`, `EPERM`: the list is refused. `EXDEV`: another
    /// mount covers it.
    ///
    /// # References
    /// `proc_tid_children(5)`, Linux 4.2, or 3.5 with `CONFIG_CHECKPOINT_RESTORE`: if a child is reaped during the
    /// read, others may be missing.
    pub(super) fn children(&self) -> Result<StableList, Errno> {
        read_children(self)
    }
}

impl Threads for ProcEntry<'_> {
    fn list(&self) -> Result<Vec<Pid>, Errno> {
        self.threads()?.ok_or(Errno::ESRCH)
    }

    fn children(&self, thread: Pid) -> Result<Option<Vec<Pid>>, Errno> {
        let list = self.read_file(&format!("task/{thread}/children"))?;
        Ok(list.map(|list| {
            let pids = list.split(u8::is_ascii_whitespace).filter_map(|number| {
                let number = std::str::from_utf8(number).ok()?.parse().ok()?;
                Pid::new(number).ok()
            });
            pids.collect()
        }))
    }

    fn has_kept(&self, count: usize) -> bool {
        self.has_thread_count(count)
            && self.stat().is_ok_and(|stat| stat.is_some_and(|stat| !stat.is_exiting()))
    }
}

/// Reads the lists of all threads.
///
/// The kernel gives the children of a thread that exits to the first thread, or to another one if that is exiting
/// (`find_new_reaper` in `kernel/exit.c`). So:
///
/// 1. List the threads. A listing may end early if a thread exits meanwhile.
/// 2. Read the list of the first thread last. What another thread had until it exited is there by then.
/// 3. Verify that no thread has come or gone, and that the first thread is not exiting.
fn read_children(threads: &impl Threads) -> Result<StableList, Errno> {
    let listed = threads.list()?;
    let mut list = StableList { pids: Vec::new(), is_complete: true };
    for (index, thread) in listed.iter().enumerate().rev() {
        match threads.children(*thread)? {
            Some(pids) => list.pids.extend(pids),
            None if index == 0 => return Err(Errno::ESRCH),
            None => list.is_complete = false,
        }
    }
    if listed.len() > 1 {
        list.is_complete &= threads.has_kept(listed.len());
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// The threads, the first thread first, with the children of each.
    type Lists = Vec<(Pid, Vec<Pid>)>;

    /// What happens to the threads.
    type Event = fn(&mut Lists);

    /// The threads of a process. An event happens before a call.
    struct Simulated {
        threads: RefCell<Lists>,
        calls: RefCell<usize>,
        event: (usize, Event),
    }

    fn pid(number: i32) -> Pid {
        Pid::new(number).unwrap()
    }

    impl Simulated {
        fn new(call: usize, event: Event) -> Self {
            let threads = vec![(pid(10), vec![pid(20)]), (pid(11), vec![pid(21)]), (pid(12), vec![])];
            Self { threads: threads.into(), calls: 0.into(), event: (call, event) }
        }

        fn step(&self) {
            let calls = self.calls.replace_with(|calls| *calls + 1);
            if calls == self.event.0 {
                self.event.1(&mut self.threads.borrow_mut());
            }
        }
    }

    impl Threads for Simulated {
        fn list(&self) -> Result<Vec<Pid>, Errno> {
            self.step();
            Ok(self.threads.borrow().iter().map(|(thread, _)| *thread).collect())
        }

        fn children(&self, thread: Pid) -> Result<Option<Vec<Pid>>, Errno> {
            self.step();
            let threads = self.threads.borrow();
            Ok(threads.iter().find(|(other, _)| *other == thread).map(|(_, children)| children.clone()))
        }

        fn has_kept(&self, count: usize) -> bool {
            self.step();
            let threads = self.threads.borrow();
            threads.len() == count && threads[0].0 == pid(10)
        }
    }

    /// A thread exits. Its children go to the first of the others.
    fn exit(threads: &mut Lists, index: usize) {
        let (_, children) = threads.remove(index);
        threads[0].1.extend(children);
    }

    #[test]
    fn the_children_of_all_threads_are_listed() {
        let mut list = read_children(&Simulated::new(99, |_| {})).unwrap();
        list.pids.sort_unstable();
        assert_eq!(list, StableList { pids: vec![pid(20), pid(21)], is_complete: true });
    }

    #[test]
    fn no_child_is_missing_from_a_complete_list_while_threads_come_and_go() {
        let events: [Event; 4] = [
            |threads| exit(threads, 1),
            |threads| exit(threads, 0),
            |threads| {
                exit(threads, 2);
                threads.push((pid(13), vec![]));
                exit(threads, 1);
            },
            |threads| threads.push((pid(13), vec![])),
        ];
        for (number, event) in events.into_iter().enumerate() {
            for call in 0..6 {
                let Ok(list) = read_children(&Simulated::new(call, event)) else { continue };
                let has_all = [20, 21].iter().all(|child| list.pids.contains(&pid(*child)));
                assert!(has_all || !list.is_complete, "event {number} at call {call}: {list:?}");
            }
        }
    }

    #[test]
    fn a_child_of_a_thread_that_exits_is_found_with_the_first_thread() {
        for call in 0..5 {
            let list = read_children(&Simulated::new(call, |threads| exit(threads, 1))).unwrap();
            assert!(list.pids.contains(&pid(21)), "at call {call}: {list:?}");
        }
    }
}
