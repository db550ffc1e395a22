import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'
import { CLI } from './cli.ts'
import { ended, start, within } from './processes.ts'

/** What the command has written, and how it exited. */
export interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** Runs `killtarget` with these arguments. */
export async function killtarget(t: ExecutionContext, ...args: unknown[]): Promise<Run> {
  return runs(t, [process.execPath, CLI, ...args.map(String)])
}

/** Runs a program to its end. */
export async function runs(
  t: ExecutionContext,
  [file, ...args]: string[],
  options: { uid?: number } = {},
): Promise<Run> {
  const child = start(t, file!, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const outputs = Promise.all([text(child.stdout), text(child.stderr!)])
  const [stdout, stderr] = await within(outputs, `the output of ${args.join(' ')}`)
  return { stdout, stderr, code: (await ended(child)).code }
}
