import { execFileSync } from 'node:child_process'
import { closeSync, constants, copyFileSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { GUARD, noGuard } from './guard.ts'
import { type Child, program, until, within } from './processes.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A guard that pauses at the step of its start that a variable names. */
export const PAUSING = fileURLToPath(new URL('../../target/test-pauses-guard', import.meta.url))

/** Why there is no such guard. */
export const noPausingGuard = noGuard ?? (existsSync(PAUSING) ? undefined : 'npm test builds target/test-pauses-guard')

/** The steps of a start, in their order: of the guard, of the keeper, and of the command's process. */
export const STEPS = [
  'begun',
  'hosts',
  'keeper',
  'keeper-begun',
  'opened',
  'forked',
  'sent',
  'prepared',
  'command',
  'let',
  'execute',
]

/** A copy of the package with a guard that pauses, as its guard is known by its file. */
function pausingPackage(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'killtarget-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const files = readdirSync(root).filter((name) => /^(?:index\.js|main\.js|package\.json|.*\.node)$/.test(name))
  for (const name of files) copyFileSync(join(root, name), join(folder, name))
  copyFileSync(PAUSING, join(folder, basename(GUARD)))
  return folder
}

/** Makes the FIFO at which a guard pauses, in a folder. */
export function makeFifo(folder: string): string {
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  return fifo
}

/** Waits until a guard pauses. */
export async function paused(fifo: string, step: string): Promise<void> {
  await (await within(open(fifo), `the step ${step}`)).close()
}

/** Starts a host, which starts a command with a guard of its package, and tells it that the guard pauses. */
export async function hostOfPausing(
  t: ExecutionContext,
  source: string,
  isolation: string,
  step: string,
): Promise<{ host: Child; fifo: string }> {
  const folder = pausingPackage(t)
  const fifo = makeFifo(folder)
  const env = { ...process.env, KILLTARGET_TEST_PAUSE: `${step}:${fifo}` }
  const host = program(t, source, [folder, isolation], { env })
  await paused(fifo, step)
  host.stdin.write('.')
  return { host, fifo }
}

/** Lets each process go on that pauses, until something is over. */
export async function goOnUntil(fifo: string, isOver: () => boolean): Promise<void> {
  await until(() => {
    goOn(fifo)
    return isOver()
  })
}

/** Lets a process go on that pauses, if there is one. */
function goOn(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch {}
}
