import type { Failure } from '../binding.js'
import { native } from './native.js'
import { signalName } from './signal.js'
import { unwrap } from './slot.js'

/** How a process ended. */
export interface ExitStatus {
  /** The exit code, 0 to 255, where it ended by itself. */
  readonly code: number | null
  /** The name of the signal that ended it, where one did. */
  readonly signal: string | null
  /** `false`: the process is over, and how it ended can't be told from here. `code` and `signal` are then `null`. */
  readonly known: boolean
}

export const UNKNOWN: ExitStatus = Object.freeze({ code: null, signal: null, known: false })

/** What the native part says: of an exit the code and the signal, of anything else that it is there to be fetched. */
type Tell = (code: number | null, signal: number | null) => void

/** A function of the native part that begins something, under a number in a queue. */
type Begin = (queue: number, number: number) => Failure | void | null | undefined

/** Something that was begun, by which it can be ended, hurried and fetched. */
export interface Wait {
  readonly queue: number
  readonly number: number
}

const waits = new Map<number, Tell>()
/** Made at the first wait. */
let queue: number | undefined
let last = 0
let holds = 0

/** Begins something, and has `tell` called once, in a later turn, when it is over. */
export function startWait(pid: number, begin: Begin, tell: Tell): Wait {
  queue ??= native.openQueue(told)
  const number = ++last
  unwrap(begin(queue, number), pid)
  waits.set(number, tell)
  return { queue, number }
}

/** Ends a wait, told or not. */
export function endWait({ queue, number }: Wait): void {
  if (waits.delete(number)) native.endWait(queue, number)
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
  begin: Begin,
  fetch: (queue: number, number: number) => T | Failure | null | undefined,
  ref: boolean,
): { wait: Wait; result: Promise<T> } {
  let settle: { resolve: (result: T) => void; reject: (error: unknown) => void }
  const result = new Promise<T>((resolve, reject) => (settle = { resolve, reject }))
  const wait = startWait(pid, begin, () => {
    if (ref) release()
    try {
      settle.resolve(unwrap(fetch(wait.queue, wait.number)!, pid))
    } catch (error) {
      settle.reject(error)
    }
  })
  if (ref) hold()
  return { wait, result }
}

function told(number: number, code: number | null | undefined, signal: number | null | undefined): void {
  const tell = waits.get(number)
  endWait({ queue: queue!, number })
  tell?.(code ?? null, signal ?? null)
}

export function statusOf(code: number | null, signal: number | null): ExitStatus {
  if (code === null && signal === null) return UNKNOWN
  return { code, signal: signal === null ? null : signalName(signal), known: true }
}
