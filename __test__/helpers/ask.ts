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
  /** @default the user of this process */
  user?: number
}

/** The result of each signal: what the call returned, or the fields of its error. */
export type Answers = { held: [Method, boolean]; answers: (boolean | Partial<KillError>)[] }

const fixture = fileURLToPath(new URL('../fixtures/ask.mjs', import.meta.url))

/** Starts a process that signals the one that is asked about. The launcher is put before its command. */
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
