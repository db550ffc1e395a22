import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import type { Capabilities, Method } from 'killtarget'
import { findRuntimes } from '../scripts/runtimes.mjs'
import { truth } from './helpers/kernel.ts'
import { ended, json, start } from './helpers/processes.ts'
import { testUnless } from './helpers/unless.ts'

interface Smoke {
  runtime: string
  held: [Method, boolean]
  capabilities: Capabilities
}

interface Workers {
  before: { handles: number; all: number }
  after: { handles: number; all: number }
  signalled: number
  mine: boolean
}

const { bun, deno } = findRuntimes()

const runtimes: { name: string; path?: string; reason?: string; args: string[] }[] = [
  { name: 'node', path: process.execPath, args: [] },
  { name: 'bun', ...bun, args: [] },
  { name: 'deno', ...deno, args: ['run', '--quiet', '--allow-all', '--no-lock'] },
]

const folder = fileURLToPath(new URL('../target/runtimes/', import.meta.url))

for (const { name, path, reason, args } of runtimes) {
  const run = async <T>(t: ExecutionContext, fixture: string): Promise<T> => {
    const file = fileURLToPath(new URL(`fixtures/${fixture}.mjs`, import.meta.url))
    const env = { ...process.env, DENO_DIR: `${folder}deno`, DENO_NO_UPDATE_CHECK: '1' }
    const child = start(t, path!, [...args, file, name], { env })
    const result = await json<T>(child)
    t.deepEqual(await ended(child), { code: 0, signal: null })
    return result
  }

  testUnless(reason, `${name} opens, signals and closes targets, its own child objects among them`, async (t) => {
    const { runtime, held, capabilities } = await run<Smoke>(t, 'smoke')
    t.is(runtime, name)
    t.deepEqual(held, [truth.method, truth.raceFree])
    t.like(capabilities, { ...truth.capabilities, proc: true, raceFree: truth.raceFree })
  })

  testUnless(reason, `${name} has no handle left of workers that have ended`, async (t) => {
    const { before, after, signalled, mine } = await run<Workers>(t, 'smoke-workers')
    t.deepEqual([before.handles, after.handles], [1, 1])
    t.deepEqual([signalled, mine], [1000, true])
    // Deno keeps an event loop of each worker that has loaded an addon, be it an empty one.
    if (name !== 'deno') t.true(after.all <= before.all + 5, `${before.all} descriptors have become ${after.all}`)
  })
}
