//! The results of libproc's calls.

use nix::errno::Errno;

/// Returns how many bytes a call of libproc wrote.
///
/// Such a call returns 0 for a failure and for an empty result. Only a failure sets `errno`.
///
/// # Errors
/// Those of the call. `EIO`: it returned a negative number and did not set `errno`.
///
/// # References
/// xnu, `libsyscall/wrappers/libproc/libproc.c`
pub(super) fn bytes(call: impl FnOnce() -> i32) -> Result<usize, Errno> {
    Errno::clear();
    match usize::try_from(call()) {
        Ok(0) | Err(_) if Errno::last_raw() != 0 => Err(Errno::last()),
        Ok(written) => Ok(written),
        Err(_) => Err(Errno::EIO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_result_is_no_failure_even_if_errno_was_set_before() {
        Errno::EPERM.set();
        assert_eq!(bytes(|| 0), Ok(0));
        Errno::EPERM.set();
        assert_eq!(bytes(|| 56), Ok(56));
        for returned in [0, -1] {
            let fail = || {
                Errno::ESRCH.set();
                returned
            };
            assert_eq!(bytes(fail), Err(Errno::ESRCH));
        }
        assert_eq!(bytes(|| -1), Err(Errno::EIO));
    }
}
