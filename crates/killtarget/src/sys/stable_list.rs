//! Reads a list of processes that the kernel gives piece by piece.

use crate::types::Pid;

/// How often a list is read that changes each time.
const MAX_READS: usize = 4;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StableList {
    /// Every pid that any reading had.
    pub(crate) pids: Vec<Pid>,
    /// Whether two readings in a row agreed. Otherwise pids may be missing.
    pub(crate) is_complete: bool,
}

/// Reads until two readings in a row agree.
///
/// Linux counts its way through the children of a process. If a child is reaped during the read, the next one is left out.
/// The reading that follows has that one and not the reaped one, so the two differ. An empty reading leaves none out.
///
/// # Errors
/// The first error of `read`.
///
/// # References
/// `get_children_pid` in `fs/proc/array.c`.
pub(crate) fn read_stable<E>(mut read: impl FnMut() -> Result<Vec<Pid>, E>) -> Result<StableList, E> {
    let mut last = read()?;
    let mut pids = last.clone();
    for _ in 1..MAX_READS {
        if last.is_empty() {
            return Ok(StableList { pids, is_complete: true });
        }
        let next = read()?;
        if next == last {
            return Ok(StableList { pids, is_complete: true });
        }
        pids.extend(next.iter().filter(|pid| !pids.contains(pid)).copied().collect::<Vec<_>>());
        last = next;
    }
    Ok(StableList { pids, is_complete: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives these readings, one after the other.
    fn stable(readings: &[&[i32]]) -> StableList {
        let mut readings = readings.iter();
        let pids =
            |numbers: &[i32]| numbers.iter().map(|number| Pid::new(*number).unwrap()).collect::<Vec<_>>();
        let Ok(list) = read_stable(|| Ok::<_, ()>(pids(readings.next().unwrap()))) else { unreachable!() };
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
}
