//! An operation on every process in scope, on a thread of its own, because it may take long.
//!
//! At the limit of processes, the system refuses that thread. The calling thread then does the work. The
//! threads that exist must not: they would send a due SIGKILL late, or report an exit late.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::{
    exit_hook::{self, Stage},
    scope::{liveness::Liveness, members::Members},
    sys,
    types::{Error, ProcessInfo, Signal},
};

/// The callback, which gets the processes for which the operation failed. It runs on another thread, or on the
/// calling thread if the system refuses another.
pub type OnDone = Box<dyn FnOnce(Result<Vec<ProcessInfo>, Error>) + Send>;

static RUNNING_TASKS: Mutex<usize> = Mutex::new(0);
static TASK_ENDED: Condvar = Condvar::new();

/// An operation in two parts: `find` returns the members, `apply` those for which it failed.
pub(crate) struct BackgroundTask<Find, Apply> {
    pub(crate) find: Find,
    pub(crate) apply: Apply,
    /// The signal for the calling process, if that is in scope. It is sent last.
    pub(crate) to_caller: Option<Signal>,
}

impl<Find, Apply> BackgroundTask<Find, Apply>
where
    Find: FnOnce() -> Result<Members, Error> + Send + 'static,
    Apply: FnOnce(&mut Members) -> Result<Vec<ProcessInfo>, Error> + Send + 'static,
{
    /// Starts the operation, and calls back at its end. The callback gets `EPERM` if no process may be
    /// signalled. If no thread can be started, blocks until the end.
    pub(crate) fn begin(self, on_done: OnDone) {
        exit_hook::register(Stage::Finish, finish);
        let Self { find, apply, to_caller } = self;
        let running_tasks = TaskGuard::begin();
        let attempt = move || {
            let mut members = find()?;
            let result = apply(&mut members);
            let failed = result.as_ref().map_or(0, Vec::len);
            let is_refused = failed > 0 && failed == members.living().len();
            if is_refused && members.caller().is_none() && members.liveness() == Liveness::NotPermitted {
                return Err(sys::not_permitted("kill"));
            }
            Ok((members.caller().cloned(), result))
        };
        let work = move || match catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(Err(Error::Internal)) {
            Ok((caller, result)) => {
                on_done(result);
                // This may stop or end this process, so it comes after the callback.
                if let (Some(caller), Some(signal)) = (caller, to_caller) {
                    let _ = caller.signal(signal);
                }
            }
            Err(error) => on_done(Err(error)),
        };
        run_on_thread(Box::new(move || {
            work();
            drop(running_tasks);
        }));
    }
}

/// Runs the work on a new thread, or on this one if no thread can be started.
fn run_on_thread(work: Box<dyn FnOnce() + Send>) {
    // Shared, because a thread that cannot be started drops what it was given.
    let work = Arc::new(Mutex::new(Some(work)));
    let take = |work: &Mutex<Option<_>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
    let on_thread = Arc::clone(&work);
    let run = move || take(&on_thread).map_or((), |work: Box<dyn FnOnce() + Send>| work());
    if thread::Builder::new().name("kt-background".to_owned()).spawn(run).is_err()
        && let Some(work) = take(&work)
    {
        work();
    }
}

/// Waits until no operation is in progress, up to the limit. The exit of this process would leave its members
/// stopped.
fn finish() {
    let running_tasks = lock();
    let _ =
        TASK_ENDED.wait_timeout_while(running_tasks, exit_hook::TIMEOUT, |running_tasks| *running_tasks > 0);
}

/// An operation in progress, while this value lives.
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
