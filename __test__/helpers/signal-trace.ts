import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { compiled, noCompiler } from './compile.ts'

/** A signal, and to whom it was sent: a pid, or a group as a negative one. */
export type SentSignal = [signal: number, to: number]

/** Why it can't be seen what a process sends. */
export const noSignalTrace = noCompiler || refusal()

function refusal(): string | undefined {
  const { status } = spawnSync(compiled('signal-trace'), ['/dev/null', 'true'])
  return status === 0 ? undefined : 'nothing can be traced here'
}

/** What, before a command, has it seen what that program sends, in its order, as the kernel is asked for it. */
export function signalTrace(t: Pick<ExecutionContext, 'teardown'>): { launcher: string[]; sent(): SentSignal[] } {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'trace')
  return {
    launcher: [compiled('signal-trace'), file],
    sent() {
      const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1)
      return lines.map((line) => line.split(' ').map(Number) as SentSignal)
    },
  }
}
