//! Which processes are the command's: by birth, by session, by group.

use crate::types::{Mark, Member, Process};

/// The guard, as far as the processes of its command can have inherited it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) session: i32,
    /// Whether the session has the command's processes only, as the guard leads it.
    pub(crate) leads_session: bool,
    /// The unique ids of the guard and of its keeper. 0 is none.
    pub(crate) guards: [u64; 2],
}

/// The members that are known, at the front of a table.
pub(crate) struct Members {
    table: &'static mut [Member],
    count: usize,
}

impl Members {
    /// Takes a table, and the members that are in it.
    pub(crate) fn new(table: &'static mut [Member]) -> Self {
        let mut members = Self { table, count: 0 };
        members.recount();
        members
    }

    /// Takes the members that another process has put into the table.
    pub(crate) fn recount(&mut self) {
        self.count = self.table.iter().position(|member| member.id == 0).unwrap_or(self.table.len());
    }

    pub(crate) fn all(&self) -> &[Member] {
        self.table.get(..self.count).unwrap_or_default()
    }

    pub(crate) fn all_mut(&mut self) -> &mut [Member] {
        self.table.get_mut(..self.count).unwrap_or_default()
    }

    /// Returns the members that have not been returned before, and have not exited, as far as is known.
    pub(crate) fn unasked(&mut self) -> impl Iterator<Item = Member> {
        self.all_mut().iter_mut().filter(|member| member.mark == Mark::None).map(|member| {
            member.mark = Mark::Asked;
            *member
        })
    }

    pub(crate) fn has(&self, id: u64) -> bool {
        self.all().iter().any(|member| member.id == id)
    }

    /// Adds a process. Without a free place it is left out: what it has started may be missed.
    pub(crate) fn add(&mut self, process: &Process) {
        if let Some(place) = self.table.get_mut(self.count) {
            let versions = [process.version; 2];
            *place = Member { id: process.id, pid: process.pid, versions, mark: Mark::None };
            self.count += 1;
        }
    }

    /// Notes the version that a member has now, as it forks with that.
    pub(crate) fn renew(&mut self, process: &Process) {
        if let Some(member) = self.all_mut().iter_mut().find(|member| member.id == process.id) {
            member.versions[1] = process.version;
        }
    }

    /// Forgets a member that has exited, with its pid. The first one, the command, stays.
    pub(crate) fn remove(&mut self, pid: i32) {
        self.remove_first(|member| member.pid == pid);
    }

    /// Forgets the members that are marked as gone, but the command.
    pub(crate) fn remove_gone(&mut self) {
        while self.remove_first(|member| member.mark == Mark::Gone) {}
    }

    fn remove_first(&mut self, is_meant: impl Fn(&Member) -> bool) -> bool {
        let Some(position) = self.all().iter().skip(1).position(is_meant) else { return false };
        self.count -= 1;
        let last = self.table.get(self.count).copied();
        if let (Some(last), Some(place)) = (last, self.table.get_mut(position + 1)) {
            *place = last;
        }
        if let Some(freed) = self.table.get_mut(self.count) {
            freed.id = 0;
        }
        true
    }

    /// Adds the processes of a scan that are members. `is_still`: whether the process has the same session and group as then.
    ///
    /// A process is a member if
    /// - a member has forked it.
    /// - it is in a session with a member, other than that of the guard. A process is only born into a session, so the session was
    ///   started by a member. Or the guard leads its session.
    /// - it is in the guard's session, in a group that a member leads. No group of another process can have this id.
    pub(crate) fn adopt(&mut self, seen: &[Process], origin: &Origin, is_still: impl Fn(&Process) -> bool) {
        loop {
            let before = self.count;
            for process in seen {
                let is_known = origin.guards.contains(&process.id) || self.has(process.id);
                if !is_known && self.is_member(process, seen, origin, &is_still) {
                    self.add(process);
                }
            }
            if self.count == before {
                return;
            }
        }
    }

    fn is_member(
        &self,
        process: &Process,
        seen: &[Process],
        origin: &Origin,
        is_still: impl Fn(&Process) -> bool,
    ) -> bool {
        if self.all().iter().any(|member| has_forked(member, process)) {
            return true;
        }
        // A member that still has the session or the group has had it all the time, so its id was not reused.
        let mut members =
            seen.iter().filter(|member| member.session == process.session && self.has(member.id));
        match process.session {
            0 => false,
            session if session != origin.session => members.any(is_still),
            _ if origin.leads_session => true,
            _ => members.any(|member| {
                member.pid == process.group && member.group == process.group && is_still(member)
            }),
        }
    }
}

/// Returns whether a member has forked a process. The kernel counts versions up in 32 bits, for all processes.
fn has_forked(member: &Member, process: &Process) -> bool {
    let has_version = || process.parent_version != 0 && member.versions.contains(&process.parent_version);
    member.id == process.parent_id || has_version()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin { session: 10, leads_session: false, guards: [20, 21] };

    /// The command: pid 30, id 30, in the session 10 and the group 20 of the guard.
    fn members() -> Members {
        let free = Member { id: 0, pid: 0, versions: [0; 2], mark: Mark::None };
        let mut members = Members::new(vec![free; 8].leak());
        members.add(&process(30, 20, 20, 10));
        members
    }

    /// A process whose pid is its id.
    fn process(pid: i32, parent: u64, group: i32, session: i32) -> Process {
        let id = pid.unsigned_abs().into();
        let (version, parent_version) = (1000 + pid, 0);
        Process { pid, id, version, parent_id: parent, parent_version, group, session, has_exited: false }
    }

    fn adopted(seen: &[Process], origin: &Origin, is_still: impl Fn(&Process) -> bool) -> Vec<i32> {
        let (mut members, command) = (members(), process(30, 20, 20, 10));
        members.adopt(&[&[command], seen].concat(), origin, is_still);
        members.all().iter().skip(1).map(|member| member.pid).collect()
    }

    #[test]
    fn what_a_member_has_forked_is_one_in_whatever_order_it_is_listed() {
        let seen = [process(42, 41, 42, 42), process(41, 40, 20, 10), process(40, 30, 20, 10)];
        assert_eq!(adopted(&seen, &ORIGIN, |_| true), [40, 41, 42]);
    }

    #[test]
    fn a_zombie_links_an_orphan_to_the_command() {
        let zombie = Process { has_exited: true, ..process(40, 30, 20, 0) };
        let orphan = process(41, 40, 41, 41);
        assert_eq!(adopted(&[orphan, zombie], &ORIGIN, |_| true), [40, 41]);
        assert!(adopted(&[orphan], &ORIGIN, |_| true).is_empty());
    }

    #[test]
    fn an_orphan_that_has_called_exec_is_told_by_the_version_of_its_parent() {
        let orphan = |parent_version| Process { parent_version, ..process(41, 1, 41, 41) };
        let seen = [process(40, 30, 20, 10), orphan(1040)];
        assert_eq!(adopted(&seen, &ORIGIN, |_| true), [40, 41]);
        assert_eq!(adopted(&[seen[0], orphan(1041)], &ORIGIN, |_| true), [40]);
        let mut members = members();
        members.renew(&Process { version: 2000, ..process(30, 20, 20, 10) });
        for (version, is_one) in [(1030, true), (2000, true), (2001, false), (0, false)] {
            assert_eq!(members.is_member(&orphan(version), &[], &ORIGIN, |_| true), is_one, "{version}");
        }
    }

    #[test]
    fn processes_of_the_host_are_none() {
        // The shell, a process beside the command in its group, the guard, its keeper, and one without a session.
        let seen = [
            process(10, 1, 10, 10),
            process(31, 10, 20, 10),
            process(20, 10, 20, 10),
            process(21, 20, 20, 10),
            process(50, 1, 50, 0),
        ];
        assert!(adopted(&seen, &ORIGIN, |_| true).is_empty());
    }

    #[test]
    fn the_session_of_a_member_has_members_only() {
        let leader = process(40, 30, 40, 40);
        let orphan = process(44, 1, 44, 40);
        assert_eq!(adopted(&[orphan, leader], &ORIGIN, |_| true), [40, 44]);
        // The session may have ended, and its id may be another's.
        assert_eq!(adopted(&[orphan, leader], &ORIGIN, |_| false), [40]);
    }

    #[test]
    fn a_session_that_the_guard_leads_has_members_only() {
        let origin = Origin { leads_session: true, ..ORIGIN };
        let seen =
            [process(50, 1, 50, 10), process(20, 5, 10, 10), process(21, 20, 10, 10), process(60, 1, 1, 9)];
        assert_eq!(adopted(&seen, &origin, |_| true), [50]);
    }

    #[test]
    fn the_group_of_a_member_counts_only_while_the_member_leads_it() {
        let (leader, orphan) = (process(40, 30, 40, 10), process(41, 1, 40, 10));
        assert_eq!(adopted(&[leader, orphan], &ORIGIN, |_| true), [40, 41]);
        assert_eq!(adopted(&[leader, orphan], &ORIGIN, |_| false), [40]);
        assert!(adopted(&[orphan], &ORIGIN, |_| true).is_empty());
        // A member in the group of another process.
        let (guest, stranger) = (process(40, 30, 45, 10), process(45, 10, 45, 10));
        assert_eq!(adopted(&[guest, stranger], &ORIGIN, |_| true), [40]);
    }

    #[test]
    fn each_member_is_asked_once() {
        let mut members = members();
        members.add(&process(40, 30, 20, 10));
        assert_eq!(members.unasked().map(|member| member.pid).collect::<Vec<_>>(), [30, 40]);
        members.add(&process(41, 30, 20, 10));
        assert_eq!(members.unasked().map(|member| member.pid).collect::<Vec<_>>(), [41]);
    }

    #[test]
    fn members_are_forgotten_but_the_command() {
        let mut members = members();
        for pid in [40, 41, 42] {
            members.add(&process(pid, 30, 20, 10));
        }
        for pid in [40, 30, 99] {
            members.remove(pid);
        }
        assert_eq!(members.all().iter().map(|member| member.pid).collect::<Vec<_>>(), [30, 42, 41]);
        let kept = members.all().len();
        for member in members.all_mut() {
            member.mark = Mark::Gone;
        }
        members.remove_gone();
        assert_eq!((kept, members.all().len()), (3, 1));
        // Another process that goes on with the table finds the same.
        let Members { table, .. } = members;
        assert_eq!(Members::new(table).all().len(), 1);
    }

    #[test]
    fn a_full_table_takes_no_more() {
        let seen: Vec<_> = (40..60).map(|pid| process(pid, 30, 20, 10)).collect();
        assert_eq!(adopted(&seen, &ORIGIN, |_| true).len(), 7);
    }
}
