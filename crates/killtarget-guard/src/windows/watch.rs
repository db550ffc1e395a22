//! A watch: the guard starts its command only once a host has exited.
//!
//! Standard input is a file in which the host writes what the command has to know. If it is empty by then, there is nothing to do.

use super::{
    board::Board,
    hosts::Hosts,
    refusal::Refusal,
    sys::{self, Waitable},
};
use crate::{arguments::Options, types::MAX_HOSTS};

/// Returns once a host has exited. Exits if there is nothing to do by then, or if it is asked to.
///
/// # Errors
/// [`Refusal`]: a host cannot be watched.
pub(super) fn wait(options: &Options, board: &Board) -> Result<(), Refusal> {
    match Hosts::open(options) {
        Ok(hosts) => {
            let mut waited: [Option<Waitable>; 1 + MAX_HOSTS] = [None; 1 + MAX_HOSTS];
            let hosts = hosts.iter().map(|host| Some(host.waitable()));
            for (place, object) in
                waited.iter_mut().zip([Some(board.request().waitable())].into_iter().chain(hosts))
            {
                *place = object;
            }
            sys::wait_any(waited, None);
        }
        Err(refusal) if refusal.is_host_gone() => {}
        Err(refusal) => return Err(refusal),
    }
    if board.request().is_set() || sys::is_input_empty() {
        board.say_over();
        sys::exit(0)
    }
    Ok(())
}
