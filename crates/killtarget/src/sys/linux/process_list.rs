//! Lists processes: all, by process group, by parent.

use std::{
    cell::OnceCell,
    time::{Duration, Instant},
};

use nix::errno::Errno;
use rustc_hash::FxHashMap;

use super::{
    handle::Handle,
    pid_lookup::{GroupLookup, lookup_group},
    privilege, probe, procfs,
};
use crate::{
    sys::{
        stable_list::{StableList, read_stable},
        types::Visibility,
        unix::process,
    },
    types::Pid,
};

/// The processes of this PID namespace at about the same time. Each list is read when it is first needed and then kept.
#[derive(Default)]
pub(crate) struct ProcessList {
    visibility: OnceCell<Visibility>,
    all: OnceCell<Option<Vec<Pid>>>,
    groups: OnceCell<Groups>,
    children_by_parent: OnceCell<Option<FxHashMap<Pid, Vec<Pid>>>>,
}

/// The lists of the children of so many threads are always read.
const FEW_THREADS: usize = 64;

struct Groups {
    members: FxHashMap<Pid, Vec<Pid>>,
    has_gaps: bool,
    time_taken: Duration,
}

impl ProcessList {
    pub(crate) fn visibility(&self) -> Visibility {
        *self.visibility.get_or_init(|| match () {
            () if procfs::check().is_err() => Visibility::None,
            // Pid 1 always exists. If it is hidden, others may be too.
            () if !procfs::by_pid(Pid::INIT).is_ok_and(|entry| entry.is_visible()) => Visibility::Own,
            () if !privilege::sees_hidden_processes() && procfs::hides_processes() => Visibility::Own,
            () => Visibility::All,
        })
    }

    /// Lists every visible process. Returns `None` if `/proc` cannot be read.
    pub(crate) fn all(&self) -> Option<&[Pid]> {
        let all = self.all.get_or_init(|| {
            if self.visibility() == Visibility::None { Some(Vec::new()) } else { procfs::list().ok() }
        });
        all.as_deref()
    }

    /// Reads the group of every process, unless that has been done.
    pub(crate) fn read_groups(&self) {
        self.groups();
    }

    /// Lists the processes that were in the group when the groups were read. They may have left it since.
    pub(crate) fn group(&self, group: Pid) -> Vec<Pid> {
        self.groups().members.get(&group).cloned().unwrap_or_default()
    }

    /// Returns whether a process was reaped or changed its group during the read, or whether the read failed. A
    /// process that was forked in its place may then be missing.
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        self.groups().has_gaps
    }

    /// Returns how long it took to read the groups.
    pub(crate) fn time_taken(&self) -> Duration {
        self.groups.get().map_or(Duration::ZERO, |groups| groups.time_taken)
    }

    /// Lists the children of an unreaped process. See [`ProcessList::children`].
    pub(crate) fn children_of(&self, parent: &Handle) -> Option<Vec<Pid>> {
        self.children(parent.pid())
    }

    /// Lists the current children of a process. Returns `None` if some may be missing.
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        if self.visibility() == Visibility::None {
            return Some(Vec::new());
        }
        if !probe::lists_children() || self.has_many_threads(pid) {
            return self.by_parent(pid);
        }
        match read_stable(|| procfs::by_pid(pid)?.children()) {
            Ok(StableList { pids, is_complete: true }) => Some(pids),
            // Children are reaped, or threads come and go, faster than the lists can be read. Each process names its
            // parent, whatever the threads do.
            Ok(StableList { pids, is_complete: false }) => Some([pids, self.by_parent(pid)?].concat()),
            Err(Errno::ESRCH) if process::kill(pid, 0) == Err(Errno::ESRCH) => None,
            // `hidepid` hides the process, an LSM refuses the list, or another mount covers it. Its children may be
            // visible.
            Err(_) => self.by_parent(pid),
        }
    }

    /// Returns whether it takes longer to read the list of each thread than the parent of each process.
    fn has_many_threads(&self, pid: Pid) -> bool {
        let threads = procfs::by_pid(pid).ok().and_then(|entry| entry.thread_count()).unwrap_or(0);
        threads > FEW_THREADS && self.all().is_some_and(|all| threads > all.len())
    }

    fn by_parent(&self, pid: Pid) -> Option<Vec<Pid>> {
        Some(self.children_by_parent()?.get(&pid).cloned().unwrap_or_default())
    }

    fn groups(&self) -> &Groups {
        self.groups.get_or_init(|| {
            let begin = Instant::now();
            let all = self.all();
            let has_gaps = all.is_none();
            let mut groups = Groups { members: FxHashMap::default(), has_gaps, time_taken: Duration::ZERO };
            let pids = all.unwrap_or_default();
            // Read twice. Otherwise two processes that swap their groups during the read could both be missed.
            let first: Vec<_> = pids.iter().map(|pid| lookup_group(*pid)).collect();
            for (pid, before) in pids.iter().zip(first) {
                let now = lookup_group(*pid);
                groups.has_gaps |=
                    now != before || matches!(now, GroupLookup::Gone | GroupLookup::Unreadable);
                if let GroupLookup::In(group) = now {
                    groups.members.entry(group).or_default().push(*pid);
                }
            }
            groups.time_taken = begin.elapsed();
            groups
        })
    }

    /// Reads the parent of every process. For kernels that do not list the children of each process, and for lists that
    /// change while they are read.
    fn children_by_parent(&self) -> Option<&FxHashMap<Pid, Vec<Pid>>> {
        let children_by_parent = self.children_by_parent.get_or_init(|| {
            let mut children_by_parent: FxHashMap<_, Vec<_>> = FxHashMap::default();
            for pid in self.all()? {
                // A process that was reaped is left out, and one that `hidepid` hides, which `visibility` reports.
                let stat = match procfs::by_pid(*pid).ok()?.stat() {
                    Err(Errno::EACCES | Errno::EPERM) if self.visibility() == Visibility::Own => None,
                    stat => stat.ok()?,
                };
                if let Some(parent) = stat.and_then(|stat| Pid::new(stat.ppid).ok()) {
                    children_by_parent.entry(parent).or_default().push(*pid);
                }
            }
            Some(children_by_parent)
        });
        children_by_parent.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn the_children_file_lists_the_processes_that_name_this_parent() {
        let mut children: Vec<_> = (0..20)
            .map(|_| Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
            .collect();
        let pids: Vec<_> = children.iter().map(|child| Pid::new(child.id().cast_signed()).unwrap()).collect();
        let process_list = ProcessList::default();
        let caller = crate::sys::unix::process::own_pid();
        for found in [
            process_list.children(caller).unwrap(),
            process_list.children_by_parent().unwrap()[&caller].clone(),
        ] {
            assert!(pids.iter().all(|pid| found.contains(pid)), "{pids:?} in {found:?}");
        }
        assert!(probe::lists_children(), "this kernel lists children");
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
