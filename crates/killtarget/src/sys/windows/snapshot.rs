//! Parses a snapshot of all processes: `SYSTEM_PROCESS_INFORMATION` entries, each with a variable tail.

use std::iter;

use crate::{sys::types::StartTime, types::Pid};

/// Byte offsets in an entry. Each entry begins with the distance to the next one, which wine does not align.
const NEXT_OFFSET: usize = 0;
const CREATED_OFFSET: usize = 32;
pub(super) const PID_OFFSET: usize = 80;
pub(super) const PPID_OFFSET: usize = 88;

/// One process. The idle entry has the pid 0, which is no process; its children have no parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) pid: Option<Pid>,
    /// The pid that the parent had. Another process may have reused it since.
    pub(super) ppid: Option<Pid>,
    pub(super) created: StartTime,
}

/// Parses the entries in order, up to the last one or the first truncated one.
pub(super) fn entries(bytes: &[u8]) -> impl Iterator<Item = Entry> + '_ {
    let mut rest = Some(bytes);
    iter::from_fn(move || {
        let entry = rest?;
        let next = u32::from_le_bytes(read(entry, NEXT_OFFSET)?);
        rest = if next == 0 { None } else { entry.get(usize::try_from(next).ok()?..) };
        let word = |offset| read(entry, offset).map(u64::from_le_bytes);
        Some(Entry {
            pid: Pid::from_raw(word(PID_OFFSET)?),
            ppid: Pid::from_raw(word(PPID_OFFSET)?),
            created: word(CREATED_OFFSET)?,
        })
    })
}

fn read<const N: usize>(entry: &[u8], offset: usize) -> Option<[u8; N]> {
    entry.get(offset..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds an entry of `length` bytes.
    fn entry(length: usize, next: u32, pid: u64, parent: u64, created: u64) -> Vec<u8> {
        let mut bytes = vec![0xff; length];
        bytes[NEXT_OFFSET..NEXT_OFFSET + 4].copy_from_slice(&next.to_le_bytes());
        for (offset, word) in [(PID_OFFSET, pid), (PPID_OFFSET, parent), (CREATED_OFFSET, created)] {
            bytes[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn entries_of_any_length_are_parsed_in_order() {
        let idle = entry(160, 160, 0, 0, 0);
        let system = entry(133, 133, 4, 0, 100);
        let last = entry(200, 0, 5000, 4, 0x1_0000_0007);
        let bytes: Vec<u8> = [idle, system, last, entry(160, 0, 9, 9, 9)].concat();
        let pid = |number| Some(Pid::new(number).unwrap());
        let found: Vec<_> = entries(&bytes).map(|entry| (entry.pid, entry.ppid, entry.created)).collect();
        assert_eq!(found, [(None, None, 0), (pid(4), None, 100), (pid(5000), pid(4), 0x1_0000_0007)]);
    }

    #[test]
    fn a_truncated_entry_is_left_out() {
        let bytes = [entry(120, 120, 8, 4, 1), entry(120, 120, 12, 4, 2)].concat();
        for (length, count) in [(bytes.len(), 2), (215, 1), (120, 1), (95, 0), (3, 0), (0, 0)] {
            assert_eq!(entries(&bytes[..length]).count(), count, "{length}");
        }
        let beyond = entry(120, u32::MAX, 8, 4, 1);
        assert_eq!(entries(&beyond).count(), 1);
    }
}
