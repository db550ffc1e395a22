import type { SpawnOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import type { KillError, Method, Signal } from 'killtarget'
import { OURS } from './controlled-group.ts'
import { json, start } from './processes.ts'

export interface Question {
  pid: number | 'self'
  method: 'signal' | 'signalPg'
  signals: readonly Signal[]
  /** Default: this process' own. */
  user?: number
}

/** What became of each signal: the result, or the error's fields. */
export type Answers = { held: [Method, boolean]; answers: (boolean | Partial<KillError>)[] }

const fixture = fileURLToPath(new URL('../fixtures/ask.mjs', import.meta.url))

/** Has another process put signals to one. The launcher stands before that process' command. */
export function ask(
  t: ExecutionContext,
  asked: Question,
  launcher: string[] = [],
  options?: SpawnOptions,
): Promise<Answers> {
  const { pid, method, signals, user = OURS } = asked
  const command = [process.execPath, fixture, pid, user, method, ...signals].map(String)
  const [program, ...args] = [...launcher, ...command]
  return json(start(t, program!, args, options))
}
