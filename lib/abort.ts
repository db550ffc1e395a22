import { addAbortListener } from 'node:events'
import { pick, wrongType } from './arguments.js'
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

const MEMBERS = ['aborted', 'addEventListener', 'removeEventListener'] as const

export function checkAbortSignal(name: string, signal: unknown): asserts signal is AbortSignalLike {
  if (typeof signal !== 'object' || signal === null || !isAbortSignal(signal)) {
    throw wrongType(name, 'an AbortSignal', signal)
  }
}

function isAbortSignal(object: Partial<AbortSignalLike>): boolean {
  const { aborted, addEventListener, removeEventListener } = pick(object, MEMBERS)
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  )
}

/** The callbacks of one signal, which share one listener: from the eleventh listener on, Node warns of a leak. */
interface Subscription {
  readonly callbacks: Set<() => void>
  hasFired: boolean
  listener: () => void
}

const subscriptions = shared('abort', () => new WeakMap<AbortSignalLike, Subscription>())

/** A registered callback. */
export interface AbortListener {
  /** Whether the signal was aborted before the callback was registered. The callback is then never called. */
  readonly isAborted: boolean
  /** Removes the callback. It never throws. */
  readonly stop: () => void
}

const NEVER: AbortListener = { isAborted: false, stop() {} }
const AT_ONCE: AbortListener = { isAborted: true, stop() {} }

/** Calls back once when the signal is aborted, but not before this has returned. Throws what the signal throws. */
export function onAbort(signal: AbortSignalLike | undefined, callback: () => void): AbortListener {
  if (signal === undefined) return NEVER
  const subscription = subscriptions.get(signal) ?? subscribe(signal)
  const { callbacks } = subscription
  // A callback that is passed twice is registered twice.
  const registered = () => callback()
  const stop = () => {
    if (callbacks.delete(registered) && callbacks.size === 0) end(signal, subscription)
  }
  callbacks.add(registered)
  let isAborted = true
  try {
    // Read after the registration: an abort in between must not be lost.
    isAborted = subscription.hasFired || signal.aborted === true
  } finally {
    if (isAborted) stop()
  }
  return isAborted ? AT_ONCE : { isAborted, stop }
}

/** Returns why the signal was aborted, as Node does for a signal that does not tell. */
export function abortReason(signal: AbortSignalLike): unknown {
  try {
    if (signal.reason !== undefined) return signal.reason
  } catch (error) {
    return error
  }
  return abortError()
}

/** Makes the error that Node has for an abort. */
export function abortError(options?: ErrorOptions): Error {
  return Object.assign(new Error('The operation was aborted', options), { name: 'AbortError', code: 'ABORT_ERR' })
}

function subscribe(signal: AbortSignalLike): Subscription {
  const callbacks = new Set<() => void>()
  const subscription: Subscription = { callbacks, hasFired: false, listener }
  function listener(): void {
    subscription.hasFired = true
    const errors: unknown[] = []
    for (const callback of callbacks) {
      callbacks.delete(callback)
      try {
        callback()
      } catch (error) {
        errors.push(error)
      }
    }
    end(signal, subscription)
    if (errors.length > 0) throw errors[0]
  }
  listen(signal, listener)
  subscriptions.set(signal, subscription)
  return subscription
}

function listen(signal: AbortSignalLike, listener: () => void): void {
  // Another listener's `stopImmediatePropagation()` does not keep the event from this one.
  if (signal instanceof AbortSignal && typeof addAbortListener === 'function') addAbortListener(signal, listener)
  else signal.addEventListener('abort', listener)
}

function end(signal: AbortSignalLike, subscription: Subscription): void {
  if (subscriptions.get(signal) === subscription) subscriptions.delete(signal)
  try {
    signal.removeEventListener('abort', subscription.listener)
  } catch {
    // The listener then stays, and does nothing. The operation has an outcome of its own.
  }
}
