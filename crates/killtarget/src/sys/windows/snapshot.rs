//! What is told of all processes at once, as `SYSTEM_PROCESS_INFORMATION` has it: entries with a head and a tail each.

use std::iter;

use crate::{sys::types::StartTime, types::Pid};

/// Where in the head what stands. How far it is to the next entry is the first: where that begins is anywhere under wine.
const NEXT: usize = 0;
const CREATED: usize = 32;
pub(super) const PID: usize = 80;
pub(super) const PARENT: usize = 88;

/// One process. 0 is no process, but what idles, and nobody's child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) pid: Option<Pid>,
    /// The number that the parent had. By now it may be another's.
    pub(super) parent: Option<Pid>,
    pub(super) created: StartTime,
}

/// From the first to the last, or to the first that is cut off.
pub(super) fn entries(bytes: &[u8]) -> impl Iterator<Item = Entry> + '_ {
    let mut rest = Some(bytes);
    iter::from_fn(move || {
        let entry = rest?;
        let next = u32::from_le_bytes(read(entry, NEXT)?);
        rest = if next == 0 { None } else { entry.get(usize::try_from(next).ok()?..) };
        let word = |place| read(entry, place).map(u64::from_le_bytes);
        Some(Entry {
            pid: Pid::from_raw(word(PID)?),
            parent: Pid::from_raw(word(PARENT)?),
            created: word(CREATED)?,
        })
    })
}

fn read<const N: usize>(entry: &[u8], place: usize) -> Option<[u8; N]> {
    entry.get(place..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of so many bytes.
    fn entry(length: usize, next: u32, pid: u64, parent: u64, created: u64) -> Vec<u8> {
        let mut bytes = vec![0xff; length];
        bytes[NEXT..NEXT + 4].copy_from_slice(&next.to_le_bytes());
        for (place, word) in [(PID, pid), (PARENT, parent), (CREATED, created)] {
            bytes[place..place + 8].copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn each_entry_says_where_the_next_one_is() {
        let idle = entry(160, 160, 0, 0, 0);
        let system = entry(133, 133, 4, 0, 100);
        let last = entry(200, 0, 5000, 4, 0x1_0000_0007);
        let bytes: Vec<u8> = [idle, system, last, entry(160, 0, 9, 9, 9)].concat();
        let pid = |number| Some(Pid::new(number).unwrap());
        let found: Vec<_> = entries(&bytes).map(|entry| (entry.pid, entry.parent, entry.created)).collect();
        assert_eq!(found, [(None, None, 0), (pid(4), None, 100), (pid(5000), pid(4), 0x1_0000_0007)]);
    }

    #[test]
    fn what_is_cut_off_is_left_out() {
        let bytes = [entry(120, 120, 8, 4, 1), entry(120, 120, 12, 4, 2)].concat();
        for (length, count) in [(bytes.len(), 2), (215, 1), (120, 1), (95, 0), (3, 0), (0, 0)] {
            assert_eq!(entries(&bytes[..length]).count(), count, "{length}");
        }
        let beyond = entry(120, u32::MAX, 8, 4, 1);
        assert_eq!(entries(&beyond).count(), 1);
    }
}
