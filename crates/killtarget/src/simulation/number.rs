//! What the simulated kernel tells of the number of a process: whether a group or session has it, and whose that is.

use super::{
    kernel::{self, Id, World},
    process::SimulatedProcess,
    system::{Simulation, System},
};
use crate::{
    scope::process_table::Process,
    sys::{self, IdOwner},
    types::{Delivery, Error, Pid},
};

impl<S: Simulation> SimulatedProcess<S> {
    pub(super) fn owner_by_member(&self, id_of: fn(&mut World, Pid) -> Option<Pid>) -> IdOwner {
        match &self.member {
            None => IdOwner::Reused,
            Some(member)
                if kernel::with(|world| id_of(world, member.pid)) == Some(self.pid)
                    && member.is_unreaped() =>
            {
                IdOwner::Original
            }
            Some(_) => IdOwner::Unknown,
        }
    }

    pub(super) fn has_group_handle() -> bool {
        S::SYSTEM == System::Linux
    }

    /// Whether fewer processes were started since the open than half of the pids that were free.
    pub(super) fn keeps_number(&self, world: &World) -> bool {
        S::SYSTEM.is_linux() && self.id().is_some_and(|id| world.keeps_number(id, self.starts))
    }

    /// Whether the kernel tells that a process, group or session has the number. A no means nothing.
    pub(super) fn is_number_in_use(world: &World, id: Id) -> bool {
        S::SYSTEM == System::Linux
            && world.tells_numbers
            && (world.get(id).is_unreaped() || world.has_members(id) || world.has_session(id))
    }

    /// The owner of the session that has the pid as its id, if its group has no members.
    pub(super) fn number_owner(&self, world: &World, id: Id) -> Option<IdOwner> {
        if Self::is_number_in_use(world, id) {
            return Some(IdOwner::Original);
        }
        // The group with the number is that of another process.
        if Self::has_group_handle() && !world.has_members(id) && world.has_group_with(self.pid) {
            return Some(IdOwner::Reused);
        }
        self.keeps_number(world).then_some(IdOwner::Original)
    }

    /// Answers for a group by its number alone, once nothing pins that.
    pub(super) fn group_after_leader(&self, world: &World, id: Id) -> Result<Delivery, Error> {
        let is_reused = world.find(self.pid).is_some();
        if is_reused || !world.has_members(id) { Ok(Delivery::Gone) } else { Err(sys::unsupported("kill")) }
    }
}
