//! What is told of all processes at once, as `SYSTEM_PROCESS_INFORMATION` has it: entries of some words and a tail each.

use std::iter;

use crate::{pid::Pid, sys::Ticks};

/// In which word what stands: how far it is to the next entry, in bytes, is the lower half of the first.
const NEXT: usize = 0;
const CREATED: usize = 4;
pub(super) const PID: usize = 10;
pub(super) const PARENT: usize = 11;

pub(super) const WORD: usize = size_of::<u64>();

/// One process. 0 is no process, but what idles, and nobody's child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) pid: Option<Pid>,
    /// The number that the parent had. By now it may be another's.
    pub(super) parent: Option<Pid>,
    pub(super) created: Ticks,
}

/// From the first to the last, or to the first that is cut off.
pub(super) fn entries(words: &[u64]) -> impl Iterator<Item = Entry> + '_ {
    let mut rest = Some(words);
    iter::from_fn(move || {
        let entry = rest?;
        let word = |place: usize| entry.get(place).copied();
        let next = usize::try_from(word(NEXT)? & u64::from(u32::MAX)).ok()? / WORD;
        rest = if next == 0 { None } else { entry.get(next..) };
        Some(Entry { pid: pid(word(PID)?), parent: pid(word(PARENT)?), created: word(CREATED)? })
    })
}

fn pid(number: u64) -> Option<Pid> {
    i32::try_from(number).ok().and_then(|number| Pid::new(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of so many words. In the upper half of the first stands the number of threads.
    fn entry(length: usize, next: usize, (pid, parent, created): (u64, u64, u64)) -> Vec<u64> {
        let mut words = vec![u64::MAX; length];
        words[NEXT] = 7 << 32 | (next * WORD) as u64;
        (words[PID], words[PARENT], words[CREATED]) = (pid, parent, created);
        words
    }

    #[test]
    fn each_entry_says_where_the_next_one_is() {
        let idle = entry(40, 40, (0, 0, 0));
        let system = entry(32, 32, (4, 0, 100));
        let last = entry(50, 0, (5000, 4, 300));
        let words: Vec<u64> = [idle, system, last, entry(40, 0, (9, 9, 9))].concat();
        let pid = |number| Some(Pid::new(number).unwrap());
        let found: Vec<_> = entries(&words).map(|entry| (entry.pid, entry.parent, entry.created)).collect();
        assert_eq!(found, [(None, None, 0), (pid(4), None, 100), (pid(5000), pid(4), 300)]);
    }

    #[test]
    fn what_is_cut_off_is_left_out() {
        let words = [entry(20, 20, (8, 4, 1)), entry(20, 20, (12, 4, 2))].concat();
        for (length, count) in [(words.len(), 2), (31, 1), (20, 1), (11, 0), (1, 0), (0, 0)] {
            assert_eq!(entries(&words[..length]).count(), count, "{length}");
        }
        let beyond = entry(20, 1 << 20, (8, 4, 1));
        assert_eq!(entries(&beyond).count(), 1);
    }
}
