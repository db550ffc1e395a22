//! The arguments of a process, as the kernel returns them.

/// Returns the arguments from the buffer of `KERN_PROCARGS2`: their number, the path of the program, NULs, the arguments.
///
/// # References
/// xnu, `bsd/kern/kern_sysctl.c`: `sysctl_procargsx`
pub(super) fn split(buffer: &[u8]) -> Option<Vec<&[u8]>> {
    let (count, rest) = buffer.split_first_chunk::<4>()?;
    let count = usize::try_from(i32::from_ne_bytes(*count)).ok()?;
    let path_end = rest.iter().position(|byte| *byte == 0)?;
    let start = path_end + rest.get(path_end..)?.iter().position(|byte| *byte != 0)?;
    let arguments: Vec<_> = rest.get(start..)?.split(|byte| *byte == 0).take(count).collect();
    (arguments.len() == count).then_some(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(count: i32, text: &[u8]) -> Vec<u8> {
        [&count.to_ne_bytes(), text].concat()
    }

    #[test]
    fn arguments_are_split() {
        let text = b"/a/guard\0\0\0\0guard\0--x\0\0PATH=/bin\0";
        let [guard, option]: [&[u8]; 2] = [b"guard", b"--x"];
        assert_eq!(split(&buffer(2, text)), Some(vec![guard, option]));
        assert_eq!(split(&buffer(3, text)), Some(vec![guard, option, b""]));
        assert_eq!(split(&buffer(99, text)), None);
        for text in [&b""[..], b"/a/guard", b"/a/guard\0\0"] {
            assert_eq!(split(&buffer(1, text)), None);
        }
        assert_eq!(split(b"abc"), None);
    }
}
