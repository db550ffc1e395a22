import { type AbortListener, type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { isFailure, unwrap } from './handle.js'
import { native } from './native.js'
import { startTimer } from './pending.js'
import { closeOpened, type Opened } from './opened.js'
import { startTermination } from './run-termination.js'
import { openExcept, openToTerminate, type TargetLike } from './target-like.js'
import { type CheckedTerminateOptions, checkTerminateOptions, type TerminateOptions } from './terminate-options.js'
import type { Termination } from './termination.js'
import { waitForExit } from './wait.js'

/** Milliseconds between checks whether a process has left others, if one check cannot tell. */
const MIN_INTERVAL = 10
const MAX_INTERVAL = 1000

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
 * @param target A `KillTarget`, which may be closed after the call, a pid, the object of a child process, or a
 * `ProcessInfo`.
 * @param signal The `AbortSignal`.
 * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
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

  const waiting = new AbortController()
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
    waiting.abort()
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
  else {
    const disarmIfAlone = (interval: number) => {
      if (isFinished) return
      const hasOthers = hasLeftOthers(opened, checked.request.scope)
      if (hasOthers === false) disarm()
      const again = () => disarmIfAlone(Math.min(interval * 2, MAX_INTERVAL))
      if (hasOthers === null) cancelCheck = startTimer(interval, again)
    }
    // If the wait fails, an abort still kills.
    waitForExit(opened, { timeout: Infinity, signal: waiting.signal, ref: false }).then(
      () => disarmIfAlone(MIN_INTERVAL),
      () => {},
    )
  }
  return { done, [Symbol.dispose]: disarm }
}

/** Throws if the termination would be refused. */
function checkScope({ pid, handle, except }: Opened, { request: { scope, allowSelf } }: CheckedTerminateOptions): void {
  unwrap(native.checkScope(handle, scope, allowSelf, except), pid)
}

/** Returns whether a process that has exited has left others in scope, or `null` if one check cannot tell. */
function hasLeftOthers(target: Opened, scope: string | null | undefined): boolean | null {
  const result = native.hasLeftovers(target.handle, scope, target.except)
  return isFailure(result) ? null : (result ?? null)
}
