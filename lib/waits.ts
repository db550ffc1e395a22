import type { Failure } from '../binding.js'
import { native } from './native.js'
import { signalName } from './signal.js'
import { type Handle, unwrap } from './handle.js'

/** How a process ended. */
export interface ExitStatus {
  /** The exit code, 0 to 255, where it ended by itself. On Windows, 0 to 4294967295, and 1 where it was ended by another. */
  readonly code: number | null
  /** The name of the signal that ended it, where one did. */
  readonly signal: string | null
  /** `false`: the process is over, and how it ended can't be told from here. `code` and `signal` are then `null`. */
  readonly known: boolean
}

export const UNKNOWN: ExitStatus = Object.freeze({ code: null, signal: null, known: false })

/** What the native part says: of an exit the code and the signal, of anything else that it is there to be fetched. */
type Tell = (code: number | null, signal: number | null) => void

/** The number of something that was begun, by which it can be ended, hurried and fetched. */
export type Wait = number

const waits = new Map<number, Tell>()
/** Made at the first wait. */
let queue: number | undefined
let last = 0
let holds = 0

/** The one queue of this thread. */
export function openedQueue(): number {
  return (queue ??= native.openQueue(told))
}

/** Has `tell` called once, in a later turn, when the process of the handle is over. */
export function startWait(handle: Handle, pid: number, tell: Tell): Wait {
  const wait = ++last
  unwrap(native.wait(openedQueue(), handle, wait), pid)
  waits.set(wait, tell)
  return wait
}

/** Ends a wait, told or not. */
export function endWait(wait: Wait): void {
  if (waits.delete(wait)) native.endWait(openedQueue(), wait)
}

/** Keeps the event loop going, for each call once, until as many calls of `release`. */
export function hold(): void {
  if (++holds === 1) native.holdOpen(queue!, true)
}

export function release(): void {
  if (--holds === 0) native.holdOpen(queue!, false)
}

/**
 * Begins something whose result is laid down by the native part, and keeps the event loop going until that is there,
 * unless it is not to.
 */
export function startWork<T extends object>(
  pid: number,
  begin: (queue: number, wait: Wait) => Failure | void | null | undefined,
  fetch: (queue: number, wait: Wait) => T | Failure | null | undefined,
  ref: boolean,
): { wait: Wait; result: Promise<T> } {
  const wait = ++last
  unwrap(begin(openedQueue(), wait), pid)
  if (ref) hold()
  const result = new Promise<T>((resolve, reject) => {
    waits.set(wait, () => {
      if (ref) release()
      try {
        resolve(unwrap(fetch(openedQueue(), wait)!, pid))
      } catch (error) {
        reject(error)
      }
    })
  })
  return { wait, result }
}

function told(wait: Wait, code: number | null | undefined, signal: number | null | undefined): void {
  const tell = waits.get(wait)
  endWait(wait)
  tell?.(code ?? null, signal ?? null)
}

export function statusOf(code: number | null, signal: number | null): ExitStatus {
  if (code === null && signal === null) return UNKNOWN
  // On Windows a code has all 32 bits, and Node tells it without a sign.
  return { code: code === null ? null : code >>> 0, signal: signal === null ? null : signalName(signal), known: true }
}
