//! What `libproc` answers.

use nix::errno::Errno;

/// How many bytes a call of it has written. It says 0 where it failed as well, and `errno` is left as it was where it did not.
/// (xnu, `libsyscall/wrappers/libproc/libproc.c`)
///
/// # Errors
/// Those of the call.
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
    fn nothing_is_told_from_a_refusal_whatever_has_failed_before() {
        Errno::EPERM.set();
        assert_eq!(bytes(|| 0), Ok(0));
        Errno::EPERM.set();
        assert_eq!(bytes(|| 56), Ok(56));
        for answer in [0, -1] {
            let refuse = || {
                Errno::ESRCH.set();
                answer
            };
            assert_eq!(bytes(refuse), Err(Errno::ESRCH));
        }
        assert_eq!(bytes(|| -1), Err(Errno::EIO));
    }
}
