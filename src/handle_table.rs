//! Where open targets stand while JavaScript knows them by a number.
//!
//! A number is made of its slot's place and its slot's generation, which is raised when the slot is emptied: a number
//! that was closed never finds what stands there later. Generations begin with 1, so that 0 is nobody's number.

use std::sync::Arc;

use killtarget::KillTarget;

const PLACE_BITS: u32 = 24;
const GENERATION_BITS: u32 = 25;
const LAST_PLACE: u64 = (1 << PLACE_BITS) - 1;
const LAST_GENERATION: u64 = (1 << GENERATION_BITS) - 1;

/// The number of an open target.
pub(crate) type Key = u64;

/// How many bits of a number that JavaScript holds exactly (53) a key leaves free.
const _: () = assert!(PLACE_BITS + GENERATION_BITS <= 53 - 4);

/// The open targets of one thread, each owned by the environment that opened it.
#[derive(Default)]
pub(crate) struct HandleTable {
    handles: Vec<Slot>,
    free: Vec<usize>,
}

struct Slot {
    generation: u64,
    entry: Option<Entry>,
}

struct Entry {
    target: Arc<KillTarget>,
    owner: usize,
}

impl HandleTable {
    /// Takes in a target. `None`: there is no more room (16 million stand here).
    pub(crate) fn insert(&mut self, target: Arc<KillTarget>, owner: usize) -> Option<Key> {
        let place = match self.free.pop() {
            Some(place) => place,
            None if self.handles.len() as u64 > LAST_PLACE => return None,
            None => {
                self.handles.push(Slot { generation: 1, entry: None });
                self.handles.len() - 1
            }
        };
        let slot = self.handles.get_mut(place)?;
        slot.entry = Some(Entry { target, owner });
        Some(slot.generation << PLACE_BITS | place as u64)
    }

    /// The target that has the number, unless it was closed.
    pub(crate) fn get(&self, key: Key) -> Option<&Arc<KillTarget>> {
        let slot = self.handles.get(place(key))?;
        if slot.generation != key >> PLACE_BITS {
            return None;
        }
        slot.entry.as_ref().map(|entry| &entry.target)
    }

    /// Closes the target that has the number. Once more, or for a number that never was, it does nothing.
    pub(crate) fn remove(&mut self, key: Key) {
        if self.get(key).is_some() {
            self.empty(place(key));
        }
    }

    /// Closes what an environment has left open.
    pub(crate) fn remove_all_of(&mut self, owner: usize) {
        for place in 0..self.handles.len() {
            if self.handles[place].entry.as_ref().is_some_and(|entry| entry.owner == owner) {
                self.empty(place);
            }
        }
    }

    fn empty(&mut self, place: usize) {
        let slot = &mut self.handles[place];
        slot.entry = None;
        // A slot that has had every generation is given up rather than begun anew.
        if slot.generation < LAST_GENERATION {
            slot.generation += 1;
            self.free.push(place);
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // 24 bits
fn place(key: Key) -> usize {
    (key & LAST_PLACE) as usize
}

#[cfg(test)]
mod tests {
    use killtarget::Pid;

    use super::*;

    fn target() -> Arc<KillTarget> {
        KillTarget::from_pid(Pid::try_from(f64::from(std::process::id())).unwrap()).unwrap().into()
    }

    fn absent() -> Arc<KillTarget> {
        KillTarget::gone(Pid::INIT).into()
    }

    #[test]
    fn a_closed_number_never_finds_what_came_after_it() {
        let mut handles = HandleTable::default();
        let first = handles.insert(target(), 1).unwrap();
        handles.remove(first);
        let second = handles.insert(absent(), 1).unwrap();
        assert_ne!(first, second);
        assert!(handles.get(first).is_none());
        handles.remove(first);
        assert!(handles.get(second).is_some(), "closing the old number leaves the new one open");
    }

    #[test]
    fn a_slot_is_used_again_until_its_generations_are_used_up() {
        let mut handles = HandleTable::default();
        let first = handles.insert(absent(), 1).unwrap();
        handles.remove(first);
        let again = handles.insert(absent(), 1).unwrap();
        assert_eq!((place(first), handles.handles.len()), (place(again), 1));

        handles.handles[0].generation = LAST_GENERATION;
        let last = LAST_GENERATION << PLACE_BITS;
        assert!(handles.get(last).is_some());
        handles.remove(last);
        assert!(handles.get(last).is_none());
        assert_eq!(place(handles.insert(absent(), 1).unwrap()), 1);
        assert!(handles.get(last).is_none());
    }

    #[test]
    fn an_environment_takes_its_own_targets_with_it() {
        let mut handles = HandleTable::default();
        let keys: Vec<_> = (0..10).map(|n| handles.insert(absent(), n % 2).unwrap()).collect();
        handles.remove_all_of(0);
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(handles.get(*key).is_some(), n % 2 == 1);
        }
    }

    #[test]
    fn numbers_that_never_were_find_nothing() {
        let mut handles = HandleTable::default();
        let (first, last) = (handles.insert(absent(), 1).unwrap(), LAST_GENERATION << PLACE_BITS);
        assert_eq!(first, 1 << PLACE_BITS);
        for key in [0, 1, LAST_PLACE, first + 1, first - 1, last, u64::MAX] {
            assert!(handles.get(key).is_none());
        }
    }
}
