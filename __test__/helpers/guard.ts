import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pids, stat } from './processes.ts'

/** The program for contained launch. */
export const GUARD =
  process.env['KILLTARGET_TEST_GUARD'] ?? fileURLToPath(new URL('../../killtarget-guard', import.meta.url))

/** Why no guard can be started here. `undefined`: one can. */
export const noGuard = existsSync(GUARD) ? undefined : 'there is no guard for this platform'

/** Returns the pids of a guard's own processes: of the keeper, and of the witness if it has one. */
export function partsOf(guard: number): { keeper: number; witness?: number } {
  const named = (name: string) => pids().find((pid) => stat(pid)?.ppid === guard && nameOf(pid) === name)
  const keeper = named('kt-keeper')
  if (keeper === undefined) throw new Error(`process ${guard} has no keeper`)
  const witness = named('kt-witness')
  return witness === undefined ? { keeper } : { keeper, witness }
}

/** Returns the pid of the command that a guard has started. */
export function commandOf(guard: number): number {
  const { keeper } = partsOf(guard)
  // Orphans that the keeper has adopted were started later.
  const [command] = pids()
    .filter((pid) => stat(pid)?.ppid === keeper)
    .sort((one, other) => one - other)
  if (command === undefined) throw new Error(`the keeper ${keeper} has no child`)
  return command
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}
