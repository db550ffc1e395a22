import { native } from './native.js'
import { signalName } from './signal.js'
import { type Slot, unwrap } from './slot.js'

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

type Tell = (status: ExitStatus) => void

const waits = new Map<number, Tell>()
/** Made at the first wait. */
let queue: number | undefined
let last = 0
let holds = 0

/** Has `tell` called once, in a later turn, when the process is over. Gives a number to end the wait by. */
export function startWait(slot: Slot, pid: number, tell: Tell): number {
  queue ??= native.openQueue(told)
  const number = ++last
  unwrap(native.wait(queue, slot, number), pid)
  waits.set(number, tell)
  return number
}

/** Ends a wait, told or not. */
export function endWait(number: number): void {
  if (waits.delete(number)) native.endWait(queue!, number)
}

/** Keeps the event loop going, for each call once, until as many calls of `release`. */
export function hold(): void {
  if (++holds === 1) native.holdOpen(queue!, true)
}

export function release(): void {
  if (--holds === 0) native.holdOpen(queue!, false)
}

function told(number: number, code: number | null | undefined, signal: number | null | undefined): void {
  const tell = waits.get(number)
  endWait(number)
  tell?.(statusOf(code ?? null, signal ?? null))
}

function statusOf(code: number | null, signal: number | null): ExitStatus {
  if (code === null && signal === null) return UNKNOWN
  return { code, signal: signal === null ? null : signalName(signal), known: true }
}
