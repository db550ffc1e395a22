//! Who there is: everyone, by process group, by parent.

use std::{
    cell::OnceCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use nix::errno::Errno;

use super::{
    handle::Handle,
    pid_lookup::{GroupLookup, lookup_group},
    privilege, probe, procfs,
};
use crate::{sys::types::Visibility, types::Pid};

/// The processes of this PID namespace, at about one moment. What costs more than the processes that are asked for is done
/// when it is first needed, and then serves all who share the listing.
#[derive(Default)]
pub(crate) struct ProcessList {
    visibility: OnceCell<Visibility>,
    all: OnceCell<Option<Vec<Pid>>>,
    groups: OnceCell<Groups>,
    children_by_parent: OnceCell<Option<HashMap<Pid, Vec<Pid>>>>,
}

struct Groups {
    members: HashMap<Pid, Vec<Pid>>,
    has_gaps: bool,
    time_taken: Duration,
}

impl ProcessList {
    pub(crate) fn visibility(&self) -> Visibility {
        *self.visibility.get_or_init(|| match () {
            () if procfs::check().is_err() => Visibility::None,
            // Pid 1 is always there; whether it is shown depends on whose it is.
            () if !procfs::by_pid(Pid::INIT).is_shown() => Visibility::Own,
            () if !privilege::sees_everyone() && procfs::hides_processes() => Visibility::Own,
            () => Visibility::All,
        })
    }

    /// Everyone who can be seen. `None`: that could not be read.
    pub(crate) fn all(&self) -> Option<&[Pid]> {
        let all = self.all.get_or_init(|| {
            if self.visibility() == Visibility::None { Some(Vec::new()) } else { procfs::list().ok() }
        });
        all.as_deref()
    }

    /// Looks in which group everyone is, where that was not done yet.
    pub(crate) fn read_groups(&self) {
        self.groups();
    }

    /// Those that were in the group when that was looked at. By now they may be anywhere.
    pub(crate) fn group(&self, group: Pid) -> Vec<Pid> {
        self.groups().members.get(&group).cloned().unwrap_or_default()
    }

    /// Whether somebody was there who was gone when it was looked in which group: somebody else may have come in his place.
    pub(crate) fn has_gaps_in_groups(&self) -> bool {
        self.groups().has_gaps
    }

    /// How long it took to look through all of them, where that was done.
    pub(crate) fn time_taken(&self) -> Duration {
        self.groups.get().map_or(Duration::ZERO, |groups| groups.time_taken)
    }

    /// As [`ProcessList::children`], of one that has its number still.
    pub(crate) fn children_of(&self, parent: &Handle) -> Option<Vec<Pid>> {
        self.children(parent.pid())
    }

    /// The children of a process, as they are now. Where one of them is reaped meanwhile, others may be left out. `None`:
    /// they could not be read.
    pub(crate) fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        if self.visibility() == Visibility::None {
            return Some(Vec::new());
        }
        if !probe::children() {
            return self
                .children_by_parent()
                .map(|children_by_parent| children_by_parent.get(&pid).cloned().unwrap_or_default());
        }
        match procfs::by_pid(pid).children() {
            // That there are such is told by the sight.
            Err(Errno::EACCES | Errno::EPERM) => Some(Vec::new()),
            children => children.ok(),
        }
    }

    fn groups(&self) -> &Groups {
        self.groups.get_or_init(|| {
            let begin = Instant::now();
            let all = self.all();
            let has_gaps = all.is_none();
            let mut groups = Groups { members: HashMap::new(), has_gaps, time_taken: Duration::ZERO };
            let pids = all.unwrap_or_default();
            // Twice, so that those who change places with each other meanwhile are not both overlooked.
            let first: Vec<_> = pids.iter().map(|pid| lookup_group(*pid)).collect();
            for (pid, before) in pids.iter().zip(first) {
                let now = lookup_group(*pid);
                groups.has_gaps |= now != before || now == GroupLookup::Gone;
                if let GroupLookup::In(group) = now {
                    groups.members.entry(group).or_default().push(*pid);
                }
            }
            groups.time_taken = begin.elapsed();
            groups
        })
    }

    /// Who is whose child, read from everyone: for kernels that don't list the children of each.
    fn children_by_parent(&self) -> Option<&HashMap<Pid, Vec<Pid>>> {
        let children_by_parent = self.children_by_parent.get_or_init(|| {
            let mut children_by_parent: HashMap<_, Vec<_>> = HashMap::new();
            for pid in self.all()? {
                // Who is not shown, or was reaped by now, is nobody's child.
                let stat = match procfs::by_pid(*pid).stat() {
                    Err(Errno::EACCES | Errno::EPERM) => None,
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
    fn the_children_that_the_kernel_lists_are_those_of_which_each_names_its_parent() {
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
        assert!(probe::children(), "this kernel lists them");
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
