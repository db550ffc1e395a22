import { wrongType } from './arguments.js'
import { shared } from './shared.js'

/**
 * The members of an `AbortSignal` that this package uses. An object with these members is accepted like an `AbortSignal`,
 * such as one from another realm or a polyfill.
 */
export interface AbortSignalLike {
  /** Whether the signal is aborted. */
  readonly aborted: boolean
  /** Why the signal was aborted. */
  readonly reason?: unknown
  /** Adds a listener for the abort. */
  addEventListener(type: 'abort', listener: () => void): void
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void
}

const MEMBERS = ['aborted', 'addEventListener', 'removeEventListener']

export function checkAbortSignal(name: string, signal: unknown): asserts signal is AbortSignalLike {
  const is = typeof signal === 'object' && signal !== null && MEMBERS.every((member) => member in signal)
  if (!is) throw wrongType(name, 'an AbortSignal', signal)
}

/** The callbacks of one signal, which share one listener: from the eleventh listener on, Node warns of a leak. */
interface Subscription {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

const subscriptions = shared('abort', () => new WeakMap<AbortSignalLike, Subscription>())

/** Calls back when the signal is aborted. Returns a function that removes the callback. */
export function onAbort(signal: AbortSignalLike | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {}
  const { callbacks, listener } = subscriptions.get(signal) ?? subscribe(signal)
  callbacks.add(callback)
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return
    signal.removeEventListener('abort', listener)
    subscriptions.delete(signal)
  }
}

function subscribe(signal: AbortSignalLike): Subscription {
  const callbacks = new Set<() => void>()
  const listener = () => {
    // Each callback removes itself.
    for (const callback of callbacks) callback()
  }
  signal.addEventListener('abort', listener)
  const subscription = { callbacks, listener }
  subscriptions.set(signal, subscription)
  return subscription
}
