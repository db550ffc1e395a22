//! What is done once to everyone in scope, on a thread of its own, as it takes its time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::{
    exit_hook::{self, Stage},
    scope::{liveness::Liveness, members::Members},
    sys,
    types::{Error, ProcessInfo, Signal},
};

/// Told on another thread: those with whom it could not be done.
pub type OnDone = Box<dyn FnOnce(Result<Vec<ProcessInfo>, Error>) + Send>;

static UNDER_WAY: Mutex<usize> = Mutex::new(0);
static DONE: Condvar = Condvar::new();

/// What is to be done: to whom, and what. It gives those with whom it could not be done.
pub(crate) struct Errand<Find, Act> {
    pub(crate) find: Find,
    pub(crate) act: Act,
    /// What the calling process is sent where it is in scope. It comes last.
    pub(crate) to_caller: Option<Signal>,
}

impl<Find, Act> Errand<Find, Act>
where
    Find: FnOnce() -> Result<Members, Error> + Send + 'static,
    Act: FnOnce(&mut Members) -> Vec<ProcessInfo> + Send + 'static,
{
    /// Has it done, and those told with whom it could not be. `EPERM`: it could be with nobody.
    ///
    /// # Errors
    /// [`Error::Os`] where there is no thread.
    pub(crate) fn begin(self, tell: OnDone) -> Result<(), Error> {
        exit_hook::register(Stage::Finish, finish);
        let Self { find, act, to_caller } = self;
        let under_way = UnderWay::begin();
        let act = move || {
            let mut members = find()?;
            let failed = act(&mut members);
            let is_refused = !failed.is_empty() && failed.len() == members.living().len();
            if is_refused && members.caller().is_none() && members.liveness() == Liveness::NotPermitted {
                return Err(sys::not_permitted("kill"));
            }
            Ok((members, failed))
        };
        let work = move || match catch_unwind(AssertUnwindSafe(act)).unwrap_or(Err(Error::Internal)) {
            Ok((members, failed)) => {
                tell(Ok(failed));
                // Nothing may be done any more after that.
                if let (Some(caller), Some(signal)) = (members.caller(), to_caller) {
                    let _ = caller.signal(signal);
                }
            }
            Err(error) => tell(Err(error)),
        };
        let work = move || {
            work();
            drop(under_way);
        };
        thread::Builder::new()
            .name("killtarget-work".to_owned())
            .spawn(work)
            .map_err(sys::io_error(sys::calls::START_THREAD))?;
        Ok(())
    }
}

/// Waits until all that is under way is done, for so long at most: the end of this process would leave it half done, and
/// those stopped who were to be killed.
fn finish() {
    let under_way = lock();
    let _ = DONE.wait_timeout_while(under_way, exit_hook::TIMEOUT, |under_way| *under_way > 0);
}

/// For as long as it lives, something is under way.
struct UnderWay(());

impl UnderWay {
    fn begin() -> Self {
        *lock() += 1;
        Self(())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        *lock() -= 1;
        DONE.notify_all();
    }
}

fn lock() -> MutexGuard<'static, usize> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}
