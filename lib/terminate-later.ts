import type { ChildProcess } from 'node:child_process'
import { abortError, abortReason, type AbortSignalLike, onAbort } from './abort.js'
import { hasExited } from './child.js'
import type { ContainOptions } from './contain-options.js'
import type { Signal } from './signal.js'
import { terminate } from './terminate.js'
import { after } from './timer.js'

/** What ends a contained child before its command has exited by itself, and how. */
export interface LimitOptions extends ContainOptions {
  readonly signal?: AbortSignalLike | undefined
  readonly timeout?: number | null | undefined
}

/**
 * Terminates all after an abort or a time limit, unless the child exits before. If what the command leaves is kept, these end it,
 * too, after the exit.
 *
 * @returns Cancels that, once nothing is left.
 */
export function terminateLater(child: ChildProcess, options: LimitOptions): () => void {
  const { signal, timeout } = options
  const limit = timeout || Infinity
  if (signal === undefined && limit === Infinity) return () => {}
  let isEnding = false
  const end = () => {
    if (isEnding) return
    isEnding = true
    // To Node, it says that the child was signalled.
    if (!hasExited(child)) Object.assign(child, { killed: true })
    terminate(child, escalation(options)).catch((error: unknown) => child.emit('error', error))
  }
  const isInTime = () => options.leftovers === 'keep' || !hasExited(child)
  const abort = () => {
    if (!isInTime()) return
    const isRunning = !hasExited(child)
    end()
    // As in Node, there is none after the exit.
    if (isRunning) child.emit('error', abortError({ cause: abortReason(signal!) }))
  }
  const { isAborted, stop } = onAbort(signal, abort)
  if (isAborted) process.nextTick(abort)
  const due = performance.now() + limit
  const fire = () => isInTime() && end()
  let disarm = after(limit, true, fire)
  const cancel = () => {
    stop()
    disarm()
  }
  child.once('exit', () => {
    if (isEnding || options.leftovers !== 'keep') return cancel()
    disarm()
    // What is kept ends with this process, and does not hold it.
    disarm = after(due - performance.now(), false, fire)
  })
  return cancel
}

export function escalation({ killSignal, grace }: ContainOptions): { killSignal?: Signal; grace?: number } {
  return { ...(killSignal !== undefined && { killSignal }), ...(grace !== undefined && { grace }) }
}
