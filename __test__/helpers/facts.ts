import type { SpawnOptions } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'
import { compiled } from './compile.ts'
import { ended, start, within } from './processes.ts'

/** What a command is given, which a launcher may change. */
export interface Given {
  /** Settings of `odd-caller.c`. */
  settings?: readonly string[]
  args?: readonly string[]
  options?: SpawnOptions
  /** The descriptor that `facts.c` writes to. The test reads standard output, which is a copy of it. */
  to?: number
}

/** Returns what a command sees of what it inherits, one fact a line. */
export async function facts(
  t: ExecutionContext,
  launcher: readonly string[],
  { settings = [], args = [], options, to = 1 }: Given,
): Promise<string[]> {
  const command = [...settings, '--', ...launcher, compiled('facts'), String(to), ...args]
  // Standard error of its own: others would change the mode of one that they share.
  const child = start(t, compiled('odd-caller'), command, { stdio: ['pipe', 'pipe', 'pipe'], ...options })
  child.stderr?.pipe(process.stderr, { end: false })
  const output = await within(text(child.stdout), 'the facts')
  t.deepEqual(await ended(child), { code: 0, signal: null })
  return output.split('\n')
}
