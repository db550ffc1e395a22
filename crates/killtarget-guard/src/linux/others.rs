//! The processes of other guards, below this one.

use crate::{
    sys::{self, is_same_file},
    text::Text,
};

/// The name of a guard, as execve(2) cuts it.
const GUARD: &[u8] = b"killtarget-guar";

/// What a process is to another guard. The value 0 is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Role {
    /// Nothing, or only its command.
    None = 0,
    Keeper,
    /// The guard itself, or a process that helps it.
    Guard,
}

/// Returns the role of a process. `parent`: that of its parent.
///
/// It is told by its program, which no other process can imitate, and then by its name.
pub(crate) fn role_of(pid: i32, parent: Option<Role>) -> Role {
    let folder = || Text::<64>::new().add(b"/proc/").number(pid.unsigned_abs());
    let mut buffer = [0; 32];
    let name = sys::read_start(folder().add(b"/comm").as_c_str(), &mut buffer).unwrap_or_default();
    let role = match name.trim_ascii_end() {
        // Before it has started the command. The command's process has this name, too, until it is the command.
        b"kt-start" if parent == Some(Role::Guard) => Role::Keeper,
        b"kt-start" | b"kt-watch" => Role::None,
        name if name.starts_with(b"kt-keep") => Role::Keeper,
        name if name == GUARD || name.starts_with(b"kt-") => Role::Guard,
        _ => Role::None,
    };
    let is_guard = || is_same_file(folder().add(b"/exe").as_c_str(), c"/proc/self/exe");
    if role != Role::None && is_guard() { role } else { Role::None }
}
