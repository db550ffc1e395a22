//! The open targets, by the keys that JavaScript holds.
//!
//! A key is the index of a slot and the slot's generation. Closing a target raises the generation, so a closed key never
//! finds a later target in the same slot. Generations start at 1, so 0 is no key.

use std::sync::Arc;

use killtarget::KillTarget;

const INDEX_BITS: u32 = 24;
const GENERATION_BITS: u32 = 25;
const MAX_INDEX: u64 = (1 << INDEX_BITS) - 1;
const MAX_GENERATION: u64 = (1 << GENERATION_BITS) - 1;

/// Identifies an open target.
pub(crate) type Key = u64;

/// JavaScript represents 53 bits exactly, and the tag of a handle needs 4 of them.
const _: () = assert!(INDEX_BITS + GENERATION_BITS <= 53 - 4);

/// The open targets of one thread, each owned by the environment that opened it.
#[derive(Default)]
pub(crate) struct HandleTable {
    slots: Vec<Slot>,
    free_indexes: Vec<usize>,
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
    /// Adds a target. Returns `None` if all 16,777,216 slots are in use.
    pub(crate) fn insert(&mut self, target: Arc<KillTarget>, owner: usize) -> Option<Key> {
        let index = match self.free_indexes.pop() {
            Some(index) => index,
            None if self.slots.len() as u64 > MAX_INDEX => return None,
            None => {
                self.slots.push(Slot { generation: 1, entry: None });
                self.slots.len() - 1
            }
        };
        let slot = self.slots.get_mut(index)?;
        slot.entry = Some(Entry { target, owner });
        Some(slot.generation << INDEX_BITS | index as u64)
    }

    /// Returns the target of a key. Returns `None` if it was closed.
    pub(crate) fn get(&self, key: Key) -> Option<&Arc<KillTarget>> {
        let slot = self.slots.get(index(key))?;
        if slot.generation != key >> INDEX_BITS {
            return None;
        }
        slot.entry.as_ref().map(|entry| &entry.target)
    }

    /// Closes the target of a key. Does nothing if the key is closed or was never given out.
    pub(crate) fn remove(&mut self, key: Key) {
        if self.get(key).is_some() {
            self.release(index(key));
        }
    }

    /// Closes the targets that an environment has left open.
    pub(crate) fn remove_all_of(&mut self, owner: usize) {
        for index in 0..self.slots.len() {
            if self.slots[index].entry.as_ref().is_some_and(|entry| entry.owner == owner) {
                self.release(index);
            }
        }
    }

    fn release(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.entry = None;
        // A slot that has used its last generation is retired: a restart at 1 would make old keys valid.
        if slot.generation < MAX_GENERATION {
            slot.generation += 1;
            self.free_indexes.push(index);
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // 24 bits
fn index(key: Key) -> usize {
    (key & MAX_INDEX) as usize
}

#[cfg(test)]
mod tests {
    use killtarget::Pid;

    use super::*;

    fn target() -> Arc<KillTarget> {
        KillTarget::from_pid(Pid::try_from(f64::from(std::process::id())).unwrap()).unwrap().into()
    }

    fn gone() -> Arc<KillTarget> {
        KillTarget::gone(Pid::INIT).into()
    }

    #[test]
    fn a_closed_key_never_finds_a_later_target() {
        let mut table = HandleTable::default();
        let first = table.insert(target(), 1).unwrap();
        table.remove(first);
        let second = table.insert(gone(), 1).unwrap();
        assert_ne!(first, second);
        assert!(table.get(first).is_none());
        table.remove(first);
        assert!(table.get(second).is_some(), "closing the old key leaves the new target open");
    }

    #[test]
    fn a_slot_is_reused_until_its_generations_are_used_up() {
        let mut table = HandleTable::default();
        let first = table.insert(gone(), 1).unwrap();
        table.remove(first);
        let again = table.insert(gone(), 1).unwrap();
        assert_eq!((index(first), table.slots.len()), (index(again), 1));

        table.slots[0].generation = MAX_GENERATION;
        let last = MAX_GENERATION << INDEX_BITS;
        assert!(table.get(last).is_some());
        table.remove(last);
        assert!(table.get(last).is_none());
        assert_eq!(index(table.insert(gone(), 1).unwrap()), 1);
        assert!(table.get(last).is_none());
    }

    #[test]
    fn remove_all_of_closes_only_the_targets_of_one_environment() {
        let mut table = HandleTable::default();
        let keys: Vec<_> = (0..10).map(|n| table.insert(gone(), n % 2).unwrap()).collect();
        table.remove_all_of(0);
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(table.get(*key).is_some(), n % 2 == 1);
        }
    }

    #[test]
    fn a_key_that_was_never_given_out_finds_no_target() {
        let mut table = HandleTable::default();
        let (first, last) = (table.insert(gone(), 1).unwrap(), MAX_GENERATION << INDEX_BITS);
        assert_eq!(first, 1 << INDEX_BITS);
        for key in [0, 1, MAX_INDEX, first + 1, first - 1, last, u64::MAX] {
            assert!(table.get(key).is_none());
        }
    }
}
