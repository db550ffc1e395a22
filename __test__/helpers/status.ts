import type { ExecutionContext } from 'ava'
import type { ExitStatus } from 'killtarget'
import { kernel, truth } from './kernel.ts'

export const exitedWith = (code: number): ExitStatus => ({ code, signal: null, known: true })

export const endedBy = (signal: string): ExitStatus => ({ code: null, signal, known: true })

export const UNKNOWN: ExitStatus = { code: null, signal: null, known: false }

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
