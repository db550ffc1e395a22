import { type AbortListener, type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { whenNothingIsLeft } from './leftovers.js'
import { closeOpened } from './opened.js'
import { checkScope, startTermination } from './run-termination.js'
import { openExcept, openToTerminate, type TargetLike } from './target-like.js'
import { checkTerminateOptions, type TerminateOptions } from './terminate-options.js'
import type { Termination } from './termination.js'

/** What `killOnAbort` returns. Dispose of it, for example with `using`, to stop listening to the signal. */
export interface KillOnAbort extends Disposable {
  /**
   * Resolves to the report when the processes were terminated. Resolves to `null` if the process exits by itself and leaves no
   * other process in scope, or if this object is disposed of before the abort. Rejects as `terminate` does; a rejection may be
   * ignored. Before the abort it does not keep the event loop alive. From the abort to the report it does.
   */
  readonly done: Promise<Termination | null>
}

/**
 * Terminates a process when a signal is aborted, or at once if the signal is aborted already.
 *
 * It stays armed after the exit of the process itself if that has left others in scope: `sh -c 'server & echo started'`.
 *
 * Before the abort this does not keep the event loop alive, and neither does `done`. From the abort to the report it does. If
 * this process exits during the grace period, the exit sends SIGKILL.
 *
 * @param target A `KillTarget`, which may be closed after the call, a pid, a token, the object of a child process, or
 * a `ProcessInfo`.
 * @param signal The `AbortSignal`.
 * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
 * @throws {KillError} `ERR_NOT_GROUP_LEADER`: `scope` is `'group'`, and the process leads none.
 * @throws {KillError} As `KillTarget.fromPid` and `KillTarget.fromChild`.
 * @throws {TypeError | RangeError} An argument is invalid.
 * @see {@link https://github.com/killtarget/killtarget/blob/main/docs/terminate.md}
 * @example
 * using killing = killOnAbort(child, signal, { grace: 1000 })
 */
export function killOnAbort(target: TargetLike, signal: AbortSignalLike, options?: TerminateOptions): KillOnAbort {
  checkAbortSignal('signal', signal)
  const checked = checkTerminateOptions(options)
  const opened = openExcept(openToTerminate(target), checked.except)
  if (opened === null) return { done: Promise.resolve(null), [Symbol.dispose]() {} }

  let isFinished = false
  let cancelCheck = () => {}
  let listening: AbortListener | undefined
  let settle: (result: Promise<Termination> | null) => void
  const done = new Promise<Termination | null>((resolve) => (settle = resolve)).finally(() => closeOpened(opened))
  // The caller may ignore `done`: a rejection must not be unhandled.
  done.catch(() => {})

  const finish = (start: () => Promise<Termination> | null) => {
    if (isFinished) return
    isFinished = true
    listening?.stop()
    cancelCheck()
    settle(start())
  }
  // Synchronously, in the abort event: the code that aborts may exit this process right after.
  const kill = () => finish(() => startTermination(opened, checked))
  const disarm = () => finish(() => null)

  try {
    checkScope(opened, checked)
    listening = onAbort(signal, kill)
  } catch (error) {
    disarm()
    throw error
  }
  if (listening.isAborted) kill()
  else cancelCheck = whenNothingIsLeft(opened, checked.request.scope, disarm)
  return { done, [Symbol.dispose]: disarm }
}
