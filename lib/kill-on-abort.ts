import { type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { openTarget, type TargetLike } from './target-like.js'
import { checkProtected, terminateTarget } from './target.js'
import type { Termination } from './termination.js'
import { checkTerminateOptions, type TerminateOptions } from './terminate-options.js'

/** What `killOnAbort` gives: by disposing of it, it is called off. */
export interface KillOnAbort extends Disposable {
  /**
   * Resolves once all is over: to what has become of the processes, or to `null` where nothing was done, since the process
   * ended by itself or this was disposed of before. Rejects as `terminate` does; nobody has to look at that.
   */
  readonly done: Promise<Termination | null>
}

/**
 * Terminates a process once a signal is aborted; at once where it is already. It does not keep the event loop going, nor
 * does `done`: whoever has nothing else to do and awaits that ends, and has the processes killed by that.
 *
 * @param target A target (which may be closed), a pid, or the object of a child.
 * @throws {KillError} `ERR_PROTECTED_TARGET`: this process, one of its ancestors or pid 1 is in scope.
 * @example
 * using killing = killOnAbort(child, signal, { grace: 1000 })
 */
export function killOnAbort(target: TargetLike, signal: AbortSignalLike, options?: TerminateOptions): KillOnAbort {
  checkAbortSignal('signal', signal)
  const checked = checkTerminateOptions(options)
  const opened = openTarget(target)
  if (opened === null) return { done: Promise.resolve(null), [Symbol.dispose]() {} }

  const waiting = new AbortController()
  let isOver = false
  let stopListening = () => {}
  let settle: (result: Promise<Termination> | null) => void
  const done = new Promise<Termination | null>((resolve) => (settle = resolve)).finally(() => opened.close())
  // It is there for who wants it.
  done.catch(() => {})

  const finish = (begin: () => Promise<Termination> | null) => {
    if (isOver) return
    isOver = true
    stopListening()
    waiting.abort()
    settle(begin())
  }
  // In the very turn of the abort: whoever aborts may end this process next.
  const kill = () => finish(() => terminateTarget(opened, checked, false))
  const disarm = () => finish(() => null)

  try {
    checkProtected(opened, checked)
  } catch (error) {
    disarm()
    throw error
  }
  if (signal.aborted) kill()
  else {
    stopListening = onAbort(signal, kill)
    // Where its end can't be waited for it is killed on abort all the same.
    opened.exited({ ref: false, signal: waiting.signal }).then(disarm, () => {})
  }
  return { done, [Symbol.dispose]: disarm }
}
