import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { findRuntimes } from '../../scripts/runtimes.mjs'
import { ended, json, start } from './processes.ts'

/** What runs JavaScript here. `reason`: why one is not here. */
export interface Runtime {
  name: string
  path?: string
  reason?: string
  args: string[]
}

const { bun, deno } = findRuntimes()

export const runtimes: Runtime[] = [
  { name: 'node', path: process.execPath, args: ['--no-warnings'] },
  { name: 'bun', ...bun, args: [] },
  { name: 'deno', ...deno, args: ['run', '--quiet', '--allow-all', '--no-lock'] },
]

const folder = fileURLToPath(new URL('../../target/runtimes/', import.meta.url))

/** Runs a fixture, by its name, to its good end. It is given the runtime's name and the arguments, and writes JSON. */
export async function runIn<T>(
  t: ExecutionContext,
  { name, path, args }: Runtime,
  fixture: string,
  ...values: unknown[]
): Promise<{ result: T; stderr: string }> {
  const file = fileURLToPath(new URL(`../fixtures/${fixture}.mjs`, import.meta.url))
  const env = { ...process.env, DENO_DIR: `${folder}deno`, DENO_NO_UPDATE_CHECK: '1' }
  const command = [...args, file, name, ...values.map(String)]
  const child = start(t, path!, command, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr!.on('data', (data) => (stderr += data))
  const result = await json<T>(child)
  t.deepEqual(await ended(child), { code: 0, signal: null })
  return { result, stderr }
}
