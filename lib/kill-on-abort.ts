import { type AbortSignalLike, checkAbortSignal, onAbort } from './abort.js'
import { openTarget, type TargetLike } from './open.js'
import { terminateTarget } from './target.js'
import type { Termination } from './terminate.js'
import { checkTerminateOptions, type TerminateOptions } from './terminate-options.js'

/** What `killOnAbort` gives: by disposing of it, it is called off. */
export interface KillOnAbort extends Disposable {
  /**
   * Resolves once all is over: to what has become of the processes, or to `null` where nothing was done, since the process
   * ended by itself or this was disposed of before. Rejects as `terminate` does.
   */
  readonly done: Promise<Termination | null>
}

/**
 * Terminates a process once a signal is aborted; at once where it is already. It does not keep the event loop going.
 *
 * @param target A target (which may be closed), a pid, or the object of a child.
 * @example
 * using killing = killOnAbort(child, signal, { grace: 1000 })
 */
export function killOnAbort(target: TargetLike, signal: AbortSignalLike, options?: TerminateOptions): KillOnAbort {
  checkAbortSignal('signal', signal)
  const checked = checkTerminateOptions(options)
  const opened = openTarget(target)
  if (opened === null) return { done: Promise.resolve(null), [Symbol.dispose]() {} }

  const waiting = new AbortController()
  let stopListening = () => {}
  let disarm = () => {}
  const done = new Promise<'disarmed' | 'aborted'>((resolve) => {
    disarm = () => resolve('disarmed')
    if (signal.aborted) return resolve('aborted')
    stopListening = onAbort(signal, () => resolve('aborted'))
    // Where its end can't be waited for it is killed on abort all the same.
    opened.exited({ ref: false, signal: waiting.signal }).then(disarm, () => {})
  })
    .then((why) => {
      stopListening()
      waiting.abort()
      return why === 'aborted' ? terminateTarget(opened, checked, false) : null
    })
    .finally(() => opened.close())
  return { done, [Symbol.dispose]: () => disarm() }
}
