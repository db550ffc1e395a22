import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { type Found, findRuntimes } from '../../scripts/runtimes.mjs'
import { kernel } from './kernel.ts'
import { ended, json, start, within } from './processes.ts'

/** A JavaScript runtime. `reason`: why it is missing here. */
export interface Runtime {
  name: string
  kind: 'node' | 'bun' | 'deno'
  path?: string
  reason?: string
  args: string[]
  /** Added to the environment. */
  env?: Record<string, string>
}

const { bun, deno, ...nodes } = findRuntimes()

/** The versions of Node do not differ by kernel, so one kernel is enough. */
const otherNodes = kernel === 'host' ? Object.entries(nodes) : []

/** The only runtime to test, such as a Bun for another C library. */
const onlyBun = process.env['KILLTARGET_TEST_BUN']

const all: Runtime[] = [
  { name: 'node', kind: 'node', path: process.execPath, args: ['--no-warnings'] },
  ...otherNodes.map(([name, found]) => runtime(name, 'node', found, ['--no-warnings'])),
  runtime('bun', 'bun', bun, []),
  runtime('deno', 'deno', deno, ['run', '--quiet', '--allow-all', '--no-lock']),
]

export const runtimes = onlyBun === undefined ? all : [runtime('bun', 'bun', { path: onlyBun }, [])]

/** The runtimes, without other versions of Node. */
export const oneOfEachKind = runtimes.filter(({ name, kind }) => name === kind)

function runtime(name: string, kind: Runtime['kind'], found: Found, args: string[]): Runtime {
  return { name, kind, ...found, args }
}

const folder = fileURLToPath(new URL('../../target/runtimes/', import.meta.url))

/** Returns the environment for a runtime, with a cache that only the tests use. */
export function environmentOf({ env }: Runtime): NodeJS.ProcessEnv {
  return { ...process.env, ...env, DENO_DIR: `${folder}deno`, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
}

/** Returns the options of `inNamespace` for a runtime that runs TypeScript. */
export function inRuntime(given: Runtime): { runtime?: readonly string[]; env: NodeJS.ProcessEnv } {
  const { kind, path, args } = given
  return { env: environmentOf(given), ...(kind !== 'node' && { runtime: [path!, ...args] }) }
}

/**
 * Runs a fixture, given by its name, until it exits with 0. It gets the runtime's kind and the arguments, and writes JSON.
 * While it works it may write `null`: each line has its own deadline.
 */
export async function runIn<T>(
  t: ExecutionContext,
  given: Runtime,
  fixture: string,
  ...values: unknown[]
): Promise<{ result: T; stderr: string }> {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}.mjs`, import.meta.url))
  const { kind, path, args } = given
  const env = environmentOf(given)
  const command = [...args, file, kind, ...values.map(String)]
  const child = start(t, path!, command, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const stderr = text(child.stderr!)
  let result: T | null
  do result = await json<T | null>(child)
  while (result === null)
  t.deepEqual(await ended(child), { code: 0, signal: null })
  return { result, stderr: await within(stderr, 'the end of its stderr') }
}
