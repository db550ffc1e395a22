import { wrongType } from './arguments.js'

/** What is used of an `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

const MEMBERS = ['aborted', 'addEventListener', 'removeEventListener']

export function checkAbortSignal(name: string, signal: unknown): asserts signal is AbortSignalLike {
  const is = typeof signal === 'object' && signal !== null && MEMBERS.every((member) => member in signal)
  if (!is) throw wrongType(name, 'an AbortSignal', signal)
}

/** Who is to be called for each signal: it has one listener of ours, as from the eleventh on Node warns of a leak. */
const waiting = new WeakMap<AbortSignalLike, Waiting>()

interface Waiting {
  readonly listeners: Set<() => void>
  readonly tellAll: () => void
}

/** Calls `listener` once the signal is aborted. Gives what takes the listener away again. */
export function onAbort(signal: AbortSignalLike | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {}
  const { listeners, tellAll } = waiting.get(signal) ?? listen(signal)
  listeners.add(listener)
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return
    signal.removeEventListener('abort', tellAll)
    waiting.delete(signal)
  }
}

function listen(signal: AbortSignalLike): Waiting {
  const listeners = new Set<() => void>()
  const tellAll = () => {
    // Each takes itself away.
    for (const listener of listeners) listener()
  }
  signal.addEventListener('abort', tellAll)
  const all = { listeners, tellAll }
  waiting.set(signal, all)
  return all
}
