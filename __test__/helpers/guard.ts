import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compiled } from './compile.ts'
import { pids, read, stat, until } from './processes.ts'

const FILE = process.platform === 'win32' ? 'killtarget-guard.exe' : 'killtarget-guard'

/** The program for contained launch. */
export const GUARD = process.env['KILLTARGET_TEST_GUARD'] ?? fileURLToPath(new URL(`../../${FILE}`, import.meta.url))

/** Why no guard can be started here. `undefined`: one can. */
export const noGuard = existsSync(GUARD) ? undefined : 'there is no guard for this platform'

/** Returns the pid of a guard's keeper. It has its name before it starts the command. */
export function keeperOf(guard: number): number {
  const keeper = partOf(guard, 'kt-keep')
  if (keeper === undefined) throw new Error(`process ${guard} has no keeper`)
  return keeper
}

/** Resolves with the pid of a guard's witness once it runs, which can be after the command does. */
export async function witnessOf(guard: number): Promise<number> {
  let witness: number | undefined
  await until(() => (witness = partOf(guard, 'kt-witness')) !== undefined, 'the witness of a guard')
  return witness!
}

function partOf(guard: number, name: string): number | undefined {
  return pids().find((pid) => stat(pid)?.ppid === guard && read(pid, 'comm')?.startsWith(name))
}

/** Returns the pid of the command that a guard has started. */
export function commandOf(guard: number): number {
  const keeper = keeperOf(guard)
  // Orphans that the keeper has adopted were started later.
  const [command] = pids()
    .filter((pid) => stat(pid)?.ppid === keeper)
    .sort((one, other) => one - other)
  if (command === undefined) throw new Error(`the keeper ${keeper} has no child`)
  return command
}

/**
 * What a request asks for: SIGKILL at once, the grace period first, or the begin of the command. `asked` tells that all were asked to
 * exit. Others are no requests.
 */
export const REQUESTS = { kill: 0x6b7402, terminate: 0x6b7403, begin: 0x6b7406, asked: 0x6b750000 }

/** Returns the value that requests to ask all to exit, by a signal, and gives them so many tenths of a second. */
export const toAsk = (signal: number, time: number) => 0x6b800000 + signal * 0x10000 + time

/** Queues the signal of requests with a value, to a guard or to its keeper. */
export function queue(pid: number, value: number): void {
  execFileSync(compiled('queue'), [String(pid), '63', String(value)])
}
