import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { asFirstProcess } from './namespace.ts'

/**
 * Asserts that no process is left if the host of a command is killed at a random moment, this often (see `dying-hosts.c`).
 * `moments`: microseconds from the start. `each`: milliseconds that one death may take.
 */
export async function leavesNothing(
  t: ExecutionContext,
  { deaths, moments, each, rest }: { deaths: number; moments: number; each: number; rest: number },
  command: readonly string[],
): Promise<void> {
  const timeout = rest + deaths * each
  t.timeout(timeout * 2)
  const [file, ...args] = [...asFirstProcess, compiled('dying-hosts'), String(deaths), String(moments), ...command]
  const { stdout } = await promisify(execFile)(file!, args, { timeout })
  t.is(stdout, '0\n')
}
