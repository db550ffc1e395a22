//! The lines of `/proc/PID/status`.

/// Returns the value in the line with that name, or `None` if there is no such line.
///
/// # References
/// `proc_pid_status(5)`
pub(super) fn field<'a>(status: &'a [u8], name: &str) -> Option<&'a str> {
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name.as_bytes()))?;
    std::str::from_utf8(line.strip_prefix(b":\t")?).ok()
}
