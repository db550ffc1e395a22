//! What the guard does once the keeper was killed.

use std::os::fd::AsFd;

use super::{
    kill::{MAX_REAPED, Rounds},
    procfs::OwnChildren,
};
use crate::{
    sys::{self, Change, SignalDescriptor, Waited, Wanted},
    types::Status,
};

/// Ends all that the keeper has kept, which are children of this process now, and exits with a status.
pub(crate) fn take_over(children: &OwnChildren, signals: &SignalDescriptor, status: Status) -> ! {
    let mut rounds = Rounds::new();
    loop {
        let mut reaped = 0;
        while reaped < MAX_REAPED {
            match sys::wait_next() {
                Waited::Child(_, Change::Exited(_)) => reaped += 1,
                Waited::Child(..) => {}
                Waited::Nothing => break,
                Waited::NoChildren => sys::exit_like(status),
            }
        }
        let wait = rounds.next(children, reaped > 0);
        if reaped == MAX_REAPED {
            continue;
        }
        sys::poll([Some((signals.as_fd(), Wanted::Input))], Some(wait));
        signals.discard();
    }
}
