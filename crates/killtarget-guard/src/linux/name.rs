//! The name of the keeper, as ps(1) shows it.

use crate::{sys, text::Text, types::Pid};

/// Names the keeper after the command, until that is reaped. So others can tell which of its children the command is.
pub(crate) fn name_keeper(command: Option<Pid>) {
    let name = Text::<16>::new().add(b"kt-keep");
    let name = match command {
        Some(pid) => name.add(b" ").number(pid.raw().unsigned_abs()),
        None => name,
    };
    sys::set_name(name.as_c_str());
}
