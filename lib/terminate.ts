import type { ChildLike } from './child.js'
import { childExitStatusNow } from './child-exit-status.js'
import { closeOpened } from './opened.js'
import { runTerminationSync, startTermination, withProof } from './run-termination.js'
import { openExcept, openToTerminate, type TargetLike } from './target-like.js'
import {
  type CheckedTerminateOptions,
  checkTerminateOptions,
  checkTerminateSyncOptions,
  type TerminateOptions,
  type TerminateSyncOptions,
} from './terminate-options.js'
import type { Termination } from './termination.js'

/**
 * Terminates a process with all its descendants, or another scope: sends the polite signal and SIGCONT, waits for the grace
 * period, then sends SIGKILL to the processes still alive. It resolves when all have exited, or when `killTimeout` is over.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns What happened to the processes. Survivors are not an error: check `outcome`.
 * @throws {KillError} As `KillTarget.prototype.terminate`, `KillTarget.fromPid` and `KillTarget.fromChild`.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * const { outcome, survivors } = await terminate(child, { grace: 1000 })
 */
export async function terminate(target: TargetLike, options?: TerminateOptions): Promise<Termination> {
  const checked = checkTerminateOptions(options)
  const opened = openExcept(openToTerminate(target), checked.except)
  if (opened === null) return notRunning(target as ChildLike, checked)
  try {
    return await startTermination(opened, checked)
  } finally {
    closeOpened(opened)
  }
}

/**
 * Does what `terminate()` does, but blocks until it is done. No JavaScript runs in the meantime. It is for exit listeners:
 * `process.on('exit')`.
 *
 * @param target A `KillTarget`, which stays open, a pid, a token, the object of a child process, or a `ProcessInfo`.
 * @returns What happened to the processes. Survivors are not an error: check `outcome`.
 * @throws As `terminate()` rejects.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * process.on('exit', () => terminateSync(child, { grace: 0 }))
 */
export function terminateSync(target: TargetLike, options?: TerminateSyncOptions): Termination {
  const checked = checkTerminateSyncOptions(options)
  const opened = openExcept(openToTerminate(target), checked.except)
  if (opened === null) return notRunning(target as ChildLike, checked)
  try {
    return runTerminationSync(opened, checked)
  } finally {
    closeOpened(opened)
  }
}

/** Reports on a child that was not started or has exited. Its object does not tell whether it has left descendants. */
function notRunning(child: ChildLike, checked: CheckedTerminateOptions): Termination {
  const report: Termination = {
    outcome: 'gone',
    status: childExitStatusNow(child),
    ended: 0,
    survivors: [],
    raceFree: true,
    proof: checked.request.scope === 'process' ? 'process' : 'best-effort',
    elapsed: 0,
  }
  return withProof(report, child, checked)
}
