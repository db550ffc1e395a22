//! Reads a list of processes that the kernel gives piece by piece.

use crate::types::Pid;

/// How often a list is read that changes each time.
const MAX_READS: usize = 4;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StableList {
    /// Every pid that any reading had.
    pub(crate) pids: Vec<Pid>,
    /// Whether no pid can be missing.
    pub(crate) is_complete: bool,
}

/// Reads until two readings in a row agree, of which the second is complete by itself.
///
/// Linux counts its way through the children of a process. If a child is reaped during the read, the next one is left out.
/// The reading that follows has that one and not the reaped one, so the two differ. An empty reading leaves none out.
///
/// # Errors
/// The first error of `read`.
///
/// # References
/// `get_children_pid` in `fs/proc/array.c`.
pub(crate) fn read_stable<E>(mut read: impl FnMut() -> Result<StableList, E>) -> Result<StableList, E> {
    let mut last = read()?;
    let mut pids = last.pids.clone();
    for _ in 1..MAX_READS {
        if last.pids.is_empty() && last.is_complete {
            return Ok(StableList { pids, is_complete: true });
        }
        let next = read()?;
        if next.pids == last.pids && next.is_complete {
            return Ok(StableList { pids, is_complete: true });
        }
        pids.extend(next.pids.iter().filter(|pid| !pids.contains(pid)).copied().collect::<Vec<_>>());
        last = next;
    }
    Ok(StableList { pids, is_complete: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives these readings, one after the other. Each is complete by itself.
    fn stable(readings: &[&[i32]]) -> StableList {
        let readings: Vec<_> = readings.iter().map(|numbers| list(numbers, true)).collect();
        stable_of(&readings)
    }

    fn stable_of(readings: &[StableList]) -> StableList {
        let mut readings = readings.iter();
        let Ok(list) = read_stable(|| Ok::<_, ()>(readings.next().unwrap().clone())) else { unreachable!() };
        list
    }

    fn list(numbers: &[i32], is_complete: bool) -> StableList {
        StableList { pids: numbers.iter().map(|number| Pid::new(*number).unwrap()).collect(), is_complete }
    }

    #[test]
    fn a_list_is_complete_after_two_equal_readings() {
        assert_eq!(stable(&[&[4, 5], &[4, 5]]), list(&[4, 5], true));
    }

    #[test]
    fn an_empty_list_is_read_once() {
        assert_eq!(stable(&[&[]]), list(&[], true));
    }

    #[test]
    fn a_child_that_the_first_reading_left_out_is_found() {
        assert_eq!(stable(&[&[4, 6], &[5, 6], &[5, 6]]), list(&[4, 6, 5], true));
    }

    #[test]
    fn a_list_that_changes_with_each_reading_is_incomplete() {
        assert_eq!(stable(&[&[4], &[5], &[6], &[7]]), list(&[4, 5, 6, 7], false));
    }

    #[test]
    fn a_list_is_incomplete_while_each_reading_is_incomplete() {
        let disturbed = [list(&[4], false), list(&[4], false), list(&[4], false), list(&[4], false)];
        assert_eq!(stable_of(&disturbed), list(&[4], false));
        let disturbed = [list(&[], false), list(&[4], false), list(&[4], true)];
        assert_eq!(stable_of(&disturbed), list(&[4], true));
    }
}
