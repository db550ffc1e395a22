//! The lists of processes that the simulated kernel gives, as racy as each system's.

use std::{
    cell::{Cell, OnceCell},
    collections::HashMap,
    convert::Infallible,
    marker::PhantomData,
    time::Duration,
};

use super::{
    kernel::{self, Id, World},
    process::SimulatedProcess,
    system::{Simulation, System},
};
use crate::{
    scope::process_table::{Process, ProcessList},
    sys::{IdOwner, StableList, Visibility, read_stable},
    types::Pid,
};

/// The processes at about one moment.
pub(crate) struct SimulatedList<S> {
    all: OnceCell<Vec<Pid>>,
    groups: OnceCell<HashMap<Pid, Vec<Pid>>>,
    has_gaps_in_groups: Cell<bool>,
    /// The children by the parent's pid, where all are listed at once.
    snapshot: OnceCell<HashMap<Pid, Vec<Id>>>,
    simulation: PhantomData<S>,
}

impl<S: Simulation> SimulatedList<S> {
    pub(super) fn new() -> Self {
        Self {
            all: OnceCell::new(),
            groups: OnceCell::new(),
            has_gaps_in_groups: Cell::new(false),
            snapshot: OnceCell::new(),
            simulation: PhantomData,
        }
    }

    /// `readdir(/proc)`: by rising pid, one call each.
    fn read_all() -> Vec<Pid> {
        let mut all: Vec<Pid> = Vec::new();
        loop {
            let next = kernel::with(|world| {
                world.step();
                let pids = world.ids().filter(|id| world.get(*id).is_unreaped()).map(|id| world.get(id).pid);
                pids.filter(|pid| all.last().is_none_or(|last| pid > last)).min()
            });
            match next {
                Some(pid) => all.push(pid),
                None => return all,
            }
        }
    }

    /// Twice each, as on Linux.
    fn read_group_members(&self) -> HashMap<Pid, Vec<Pid>> {
        let all = self.all().unwrap_or_default();
        let read = |pid: &Pid| kernel::with(|world| world.group_of(*pid));
        let first: Vec<_> = all.iter().map(read).collect();
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        for (pid, before) in all.iter().zip(first) {
            let now = read(pid);
            if now != before || now.is_none() {
                self.has_gaps_in_groups.set(true);
            }
            if let Some(group) = now {
                groups.entry(group).or_default().push(*pid);
            }
        }
        groups
    }

    /// By place: where a child is reaped meanwhile, the next one is left out.
    fn read_children(pid: Pid) -> Vec<Pid> {
        let mut found = Vec::new();
        loop {
            let next = kernel::with(|world| {
                world.step();
                let parent = world.find(pid)?;
                world.children(parent).get(found.len()).map(|id| world.get(*id).pid)
            });
            match next {
                Some(child) => found.push(child),
                None => return found,
            }
        }
    }

    /// The parent of each process, one call each.
    fn children_by_parent(&self, parent: Pid) -> Vec<Pid> {
        let names_parent = |pid: &Pid| {
            kernel::with(|world| {
                world.step();
                world
                    .find(*pid)
                    .is_some_and(|id| id != world.init && world.get(world.get(id).parent).pid == parent)
            })
        };
        self.all().unwrap_or_default().iter().copied().filter(names_parent).collect()
    }

    fn snapshot(&self) -> &HashMap<Pid, Vec<Id>> {
        self.snapshot.get_or_init(|| {
            kernel::with(|world| {
                world.step();
                let mut snapshot: HashMap<_, Vec<_>> = HashMap::new();
                for id in world.ids().filter(|id| world.get(*id).is_unreaped()) {
                    snapshot.entry(world.get(world.get(id).born_of).pid).or_default().push(id);
                }
                snapshot
            })
        })
    }

    fn pids(world: &World, ids: &[Id]) -> Vec<Pid> {
        ids.iter().map(|id| world.get(*id).pid).collect()
    }
}

impl<S: Simulation> ProcessList<SimulatedProcess<S>> for SimulatedList<S> {
    fn anew() -> Self {
        Self::new()
    }

    fn visibility(&self) -> Visibility {
        kernel::with(|world| world.visibility)
    }

    fn all(&self) -> Option<&[Pid]> {
        Some(self.all.get_or_init(Self::read_all))
    }

    fn read_groups(&self) {
        if S::SYSTEM.is_linux() {
            self.groups.get_or_init(|| self.read_group_members());
        }
    }

    fn group(&self, group: Pid) -> Vec<Pid> {
        match S::SYSTEM {
            System::Windows => Vec::new(),
            System::MacOs => kernel::with(|world| {
                world.step();
                let has_number = |id: &Id| world.get(world.get(*id).group).pid == group;
                let members: Vec<_> =
                    world.ids().filter(|id| world.get(*id).is_unreaped()).filter(has_number).collect();
                Self::pids(world, &members)
            }),
            System::Linux | System::LinuxBefore69 => {
                self.read_groups();
                self.groups.get().and_then(|groups| groups.get(&group)).cloned().unwrap_or_default()
            }
        }
    }

    fn has_gaps_in_groups(&self) -> bool {
        if S::SYSTEM.is_linux() {
            self.read_groups();
        }
        self.has_gaps_in_groups.get()
    }

    fn time_taken(&self) -> Duration {
        Duration::ZERO
    }

    fn children(&self, pid: Pid) -> Option<Vec<Pid>> {
        kernel::with(|world| world.can_read_children(pid)).then_some(())?;
        Some(match S::SYSTEM {
            System::Linux | System::LinuxBefore69 => {
                let read = || StableList { pids: Self::read_children(pid), is_complete: true };
                let Ok(mut list) = read_stable(|| Ok::<_, Infallible>(read()));
                if !list.is_complete {
                    list.pids.extend(self.children_by_parent(pid));
                }
                list.pids
            }
            System::MacOs => kernel::with(|world| {
                world.step();
                let children = world.find(pid).map(|parent| world.children(parent)).unwrap_or_default();
                Self::pids(world, &children)
            }),
            System::Windows => {
                let children = self.snapshot().get(&pid).cloned().unwrap_or_default();
                kernel::with(|world| Self::pids(world, &children))
            }
        })
    }

    fn children_of(&self, parent: &SimulatedProcess<S>) -> Option<Vec<Pid>> {
        if S::SYSTEM != System::Windows {
            return self.children(parent.pid());
        }
        let created = |id: Id| kernel::with(|world| world.get(id).started);
        kernel::with(|world| world.can_read_children(parent.pid())).then_some(())?;
        let parent_created = created(parent.id()?);
        let children = self.snapshot().get(&parent.pid()).cloned().unwrap_or_default();
        let is_child = |id: &Id| {
            let owner = if parent_created <= created(*id) { IdOwner::Original } else { IdOwner::Reused };
            owner != IdOwner::Reused
        };
        let children: Vec<_> = children.into_iter().filter(is_child).collect();
        Some(kernel::with(|world| Self::pids(world, &children)))
    }
}
