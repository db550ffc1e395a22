//! The descriptors of the C runtime that a process passes on: Node's extra pipes and its IPC channel.
//!
//! `STARTUPINFO.lpReserved2` holds a count, a byte of flags for each descriptor, and a handle for each, unaligned.

/// Returns the handles in it.
///
/// # References
/// libuv, `process-stdio.c`
pub(crate) fn handles(block: &[u8]) -> Vec<usize> {
    const HANDLE: usize = size_of::<usize>();
    let Some((count, rest)) = block.split_first_chunk::<4>() else { return Vec::new() };
    let count = u32::from_ne_bytes(*count) as usize;
    let handles = rest.get(count..).unwrap_or_default();
    let all = handles.chunks_exact(HANDLE).take(count);
    all.filter_map(|bytes| Some(usize::from_ne_bytes(bytes.try_into().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(count: u32, flags: &[u8], handles: &[usize]) -> Vec<u8> {
        let handles = handles.iter().flat_map(|handle| handle.to_ne_bytes());
        count.to_ne_bytes().into_iter().chain(flags.iter().copied()).chain(handles).collect()
    }

    #[test]
    fn the_handles_follow_the_flags() {
        assert_eq!(handles(&block(3, &[1, 9, 0], &[20, 24, usize::MAX])), [20, 24, usize::MAX]);
    }

    #[test]
    fn a_block_that_is_cut_gives_the_handles_that_are_whole() {
        let whole = block(2, &[1, 1], &[20, 24]);
        for (length, count) in [(whole.len(), 2), (whole.len() - 1, 1), (6, 0), (5, 0), (3, 0), (0, 0)] {
            assert_eq!(handles(&whole[..length]).len(), count, "{length}");
        }
        assert_eq!(handles(&block(u32::MAX, &[1], &[20])), []);
    }
}
