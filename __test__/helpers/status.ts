import type { ExecutionContext } from 'ava'
import type { ExitStatus } from 'killtarget'
import { truth } from './kernel.ts'

export const exitedWith = (code: number): ExitStatus => ({ code, signal: null, known: true })

export const endedBy = (signal: string): ExitStatus => ({ code: null, signal, known: true })

export const UNKNOWN: ExitStatus = { code: null, signal: null, known: false }

/** What is told of processes that have been reaped, whosever they were: the status, or that it is not known. */
export const afterReaping = (status: ExitStatus): ExitStatus => (truth.capabilities.exitInfo ? status : UNKNOWN)

/** The status, or, where it depends on who was faster, that it is not known. Never another one. */
export function rightOrUnknown(t: ExecutionContext, told: ExitStatus, status: ExitStatus, message?: string): void {
  t.deepEqual(told, told.known || truth.capabilities.exitInfo ? status : UNKNOWN, message)
}
