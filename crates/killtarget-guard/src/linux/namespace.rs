//! The PID namespace of a command, if one was asked for.
//!
//! It needs `CAP_SYS_ADMIN`, or else a user namespace. It is never replaced by less: if the kernel refuses it, nothing is started.

use std::ffi::CStr;

use crate::{
    sys::{self, Errno, Fork},
    text::Text,
};

/// What the keeper must know to become the user that the guard is.
#[derive(Clone, Copy)]
pub(crate) struct User {
    user: u32,
    group: u32,
}

/// Starts the keeper in a new PID namespace. Returns the user if it is in a user namespace, too.
pub(crate) fn fork() -> Result<(Fork, Option<User>), Errno> {
    let (user, group) = sys::user();
    match sys::fork_into_namespace(false) {
        Err(Errno::EPERM) => Ok((sys::fork_into_namespace(true)?, Some(User { user, group }))),
        other => Ok((other?, None)),
    }
}

/// Makes the namespace of this process usable. The keeper writes its own maps: where `/proc` hides processes, the guard could not.
pub(crate) fn set_up(user: Option<User>) -> Result<(), Errno> {
    if let Some(User { user, group }) = user {
        map(c"/proc/self/uid_map", user)?;
        // Without the privilege a group can be mapped only where no process can leave groups.
        sys::write_file(c"/proc/self/setgroups", b"deny")?;
        map(c"/proc/self/gid_map", group)?;
    }
    sys::mount_proc()
}

/// Maps an id to itself.
fn map(path: &CStr, id: u32) -> Result<(), Errno> {
    let line = Text::<24>::new().number(id).add(b" ").number(id).add(b" 1");
    sys::write_file(path, line.as_bytes())
}
