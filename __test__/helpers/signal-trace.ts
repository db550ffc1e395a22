import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { compiled, noCompiler } from './compile.ts'

/** A signal and its recipient: a pid, or the negative id of a group. */
export type SentSignal = [signal: number, to: number]

/** Why the signals of a process cannot be traced here. `undefined`: they can. */
export const noSignalTrace = noCompiler || refusal()

function refusal(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  try {
    const file = join(folder, 'trace')
    const command = [file, 'sh', '-c', 'kill -CONT $$; echo $$']
    const { status, stdout } = spawnSync(compiled('signal-trace'), command, { encoding: 'utf8' })
    if (status !== 0) return 'ptrace(2) is not permitted here'
    const isTraced = readFileSync(file, 'latin1') === `${constants.signals.SIGCONT} ${stdout}`
    return isTraced ? undefined : 'ptrace(2) shows no system calls here'
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns a launcher. It records the signals that the command after it sends, in the order of its system calls. */
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
