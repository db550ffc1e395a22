import { constants } from 'node:os'
import type { ExecutionContext } from 'ava'
import type { ExitStatus } from 'killtarget'
import { kernel, truth } from './kernel.ts'

/** SIGRTMIN with glibc. */
const FIRST_REAL_TIME = 34

export const exitedWith = (code: number): ExitStatus => ({
  code,
  signal: null,
  signalNumber: null,
  shellCode: code,
  known: true,
})

export function endedBy(signal: string): ExitStatus {
  const realTime = /^SIGRTMIN(?:\+(\d+))?$/.exec(signal)
  const signalNumber = realTime
    ? FIRST_REAL_TIME + Number(realTime[1] ?? 0)
    : constants.signals[signal as NodeJS.Signals]
  return { code: null, signal, signalNumber, shellCode: 128 + signalNumber, known: true }
}

/** What Node reports of a child. */
export const endedAs = (code: number | null, signal: string | null): ExitStatus =>
  signal === null ? exitedWith(code!) : endedBy(signal)

export const UNKNOWN: ExitStatus = { code: null, signal: null, signalNumber: null, shellCode: null, known: false }

/** Returns the status that is known after a process was reaped, by any parent. Without exit info it is unknown. */
export const afterReaping = (expected: ExitStatus): ExitStatus => (truth.capabilities.exitInfo ? expected : UNKNOWN)

/**
 * Returns the status that is known of a zombie. Before Linux 5.17 a code is known only if the processor time shows that the
 * process has had one thread. User-mode Linux measures that time too coarsely.
 */
export const ofZombie = (expected: ExitStatus): ExitStatus =>
  kernel === '5.10' && expected.signal === null ? UNKNOWN : expected

/** Asserts the status. Accepts an unknown one if the parent may have reaped first, and never a wrong one. */
export function rightOrUnknown(t: ExecutionContext, actual: ExitStatus, expected: ExitStatus, message?: string): void {
  t.deepEqual(actual, actual.known || truth.capabilities.exitInfo ? expected : UNKNOWN, message)
}
