import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { type Found, findRuntimes } from '../../scripts/runtimes.mjs'
import { kernel } from './kernel.ts'
import { ended, json, start, within } from './processes.ts'

/** What runs JavaScript here. `reason`: why one is not here. */
export interface Runtime {
  name: string
  kind: 'node' | 'bun' | 'deno'
  path?: string
  reason?: string
  args: string[]
}

const { bun, deno, ...nodes } = findRuntimes()

/** What differs from one Node to the next is not the kernel's. */
const otherNodes = kernel === 'host' ? Object.entries(nodes) : []

/** The only one to test: a Bun for another C library, say. */
const onlyBun = process.env['KILLTARGET_TEST_BUN']

const all: Runtime[] = [
  { name: 'node', kind: 'node', path: process.execPath, args: ['--no-warnings'] },
  ...otherNodes.map(([name, found]) => runtime(name, 'node', found, ['--no-warnings'])),
  runtime('bun', 'bun', bun, []),
  runtime('deno', 'deno', deno, ['run', '--quiet', '--allow-all', '--no-lock']),
]

export const runtimes = onlyBun === undefined ? all : [runtime('bun', 'bun', { path: onlyBun }, [])]

function runtime(name: string, kind: Runtime['kind'], found: Found, args: string[]): Runtime {
  return { name, kind, ...found, args }
}

const folder = fileURLToPath(new URL('../../target/runtimes/', import.meta.url))

/**
 * Runs a fixture, by its name, to its good end. It is given the runtime's kind and the arguments, and writes JSON. `null`
 * says that it is getting on: what takes long is not all done by one deadline.
 */
export async function runIn<T>(
  t: ExecutionContext,
  { kind, path, args }: Runtime,
  fixture: string,
  ...values: unknown[]
): Promise<{ result: T; stderr: string }> {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}.mjs`, import.meta.url))
  const env = { ...process.env, DENO_DIR: `${folder}deno`, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
  const command = [...args, file, kind, ...values.map(String)]
  const child = start(t, path!, command, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const stderr = text(child.stderr!)
  let result: T | null
  do result = await json<T | null>(child)
  while (result === null)
  t.deepEqual(await ended(child), { code: 0, signal: null })
  return { result, stderr: await within(stderr, 'the end of what it writes') }
}
