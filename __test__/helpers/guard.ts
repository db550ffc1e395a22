import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compiled } from './compile.ts'
import { pids, read, stat } from './processes.ts'

const FILE = process.platform === 'win32' ? 'killtarget-guard.exe' : 'killtarget-guard'

/** The program for contained launch. */
export const GUARD = process.env['KILLTARGET_TEST_GUARD'] ?? fileURLToPath(new URL(`../../${FILE}`, import.meta.url))

/** Why no guard can be started here. `undefined`: one can. */
export const noGuard = existsSync(GUARD) ? undefined : 'there is no guard for this platform'

/** Returns the pids of a guard's own processes: of the keeper, and of the witness if it has one. */
export function partsOf(guard: number): { keeper: number; witness?: number } {
  const named = (name: string) => pids().find((pid) => stat(pid)?.ppid === guard && read(pid, 'comm')?.startsWith(name))
  const keeper = named('kt-keep')
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

/** What a request asks for: SIGKILL at once, the grace period first, or the begin of the command. Others are no requests. */
export const REQUESTS = { kill: 0x6b7402, terminate: 0x6b7403, begin: 0x6b7406 }

/** Queues the signal of requests with a value, to a guard or to its keeper. */
export function queue(pid: number, value: number): void {
  execFileSync(compiled('queue'), [String(pid), '63', String(value)])
}
