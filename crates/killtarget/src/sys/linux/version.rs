//! The version of the kernel, for behaviour that no call shows.

use std::sync::OnceLock;

use nix::sys::utsname::uname;

/// Returns the first two numbers of the version. Returns `None` if the kernel gives none.
pub(super) fn version() -> Option<(u32, u32)> {
    static KNOWN: OnceLock<Option<(u32, u32)>> = OnceLock::new();
    *KNOWN.get_or_init(|| parse(uname().ok()?.release().to_str()?))
}

fn parse(release: &str) -> Option<(u32, u32)> {
    let mut numbers =
        release.split(|letter: char| !letter.is_ascii_digit()).map_while(|part| part.parse().ok());
    numbers.next().zip(numbers.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_release() {
        assert_eq!(parse("5.17"), Some((5, 17)));
        assert_eq!(parse("5.17.0-rc1"), Some((5, 17)));
        assert_eq!(parse("6.1.0-50-cloud-amd64"), Some((6, 1)));
        for release in ["5", "", "x.5.17"] {
            assert_eq!(parse(release), None, "{release}");
        }
    }
}
