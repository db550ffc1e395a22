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

static RUNNING_TASKS: Mutex<usize> = Mutex::new(0);
static TASK_ENDED: Condvar = Condvar::new();

/// What is to be done: to whom, and what. It gives those with whom it could not be done.
pub(crate) struct BackgroundTask<Find, Apply> {
    pub(crate) find: Find,
    pub(crate) apply: Apply,
    /// What the calling process is sent where it is in scope. It comes last.
    pub(crate) to_caller: Option<Signal>,
}

impl<Find, Apply> BackgroundTask<Find, Apply>
where
    Find: FnOnce() -> Result<Members, Error> + Send + 'static,
    Apply: FnOnce(&mut Members) -> Vec<ProcessInfo> + Send + 'static,
{
    /// Has it done, and those told with whom it could not be. `EPERM`: it could be with nobody.
    ///
    /// # Errors
    /// [`Error::Os`] where there is no thread.
    pub(crate) fn begin(self, on_done: OnDone) -> Result<(), Error> {
        exit_hook::register(Stage::Finish, finish);
        let Self { find, apply, to_caller } = self;
        let running_tasks = TaskGuard::begin();
        let attempt = move || {
            let mut members = find()?;
            let failed = apply(&mut members);
            let is_refused = !failed.is_empty() && failed.len() == members.living().len();
            if is_refused && members.caller().is_none() && members.liveness() == Liveness::NotPermitted {
                return Err(sys::not_permitted("kill"));
            }
            Ok((members, failed))
        };
        let work = move || match catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(Err(Error::Internal)) {
            Ok((members, failed)) => {
                on_done(Ok(failed));
                // Nothing may be done any more after that.
                if let (Some(caller), Some(signal)) = (members.caller(), to_caller) {
                    let _ = caller.signal(signal);
                }
            }
            Err(error) => on_done(Err(error)),
        };
        let work = move || {
            work();
            drop(running_tasks);
        };
        thread::Builder::new()
            .name("kt-background".to_owned())
            .spawn(work)
            .map_err(sys::io_error(sys::calls::START_THREAD))?;
        Ok(())
    }
}

/// Waits until all that is under way is done, for so long at most: the end of this process would leave it half done, and
/// those stopped who were to be killed.
fn finish() {
    let running_tasks = lock();
    let _ =
        TASK_ENDED.wait_timeout_while(running_tasks, exit_hook::TIMEOUT, |running_tasks| *running_tasks > 0);
}

/// For as long as it lives, something is under way.
struct TaskGuard(());

impl TaskGuard {
    fn begin() -> Self {
        *lock() += 1;
        Self(())
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        *lock() -= 1;
        TASK_ENDED.notify_all();
    }
}

fn lock() -> MutexGuard<'static, usize> {
    RUNNING_TASKS.lock().unwrap_or_else(PoisonError::into_inner)
}
