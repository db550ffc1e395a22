import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import type { ExitStatus } from 'killtarget'
import { findRuntimes } from '../scripts/runtimes.mjs'
import { ended, json, start } from './helpers/processes.ts'
import { rightOrUnknown } from './helpers/status.ts'
import { testUnless } from './helpers/unless.ts'

interface Told {
  script: string
  /** `null`: its object had told of its end already. */
  byChild: ExitStatus | null
  byPid: ExitStatus
  /** What the runtime says: code, signal. */
  ended: [number | null, string | null]
}

interface Workers {
  told: Record<string, number>
  wrong: number
  left: number
}

/** Of each process, of which there are as many as it takes. */
const AT_ONCE = 80
const WORKERS = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? AT_ONCE)
const { bun, deno } = findRuntimes()

const runtimes: { name: string; path?: string; reason?: string; args: string[] }[] = [
  { name: 'node', path: process.execPath, args: ['--no-warnings'] },
  { name: 'bun', ...bun, args: [] },
  { name: 'deno', ...deno, args: ['run', '--quiet', '--allow-all', '--no-lock'] },
]

const folder = fileURLToPath(new URL('../target/runtimes/', import.meta.url))

for (const { name, path, reason, args } of runtimes) {
  const run = async <T>(t: ExecutionContext, fixture: string): Promise<T> => {
    const file = fileURLToPath(new URL(`fixtures/${fixture}.mjs`, import.meta.url))
    const env = { ...process.env, DENO_DIR: `${folder}deno`, DENO_NO_UPDATE_CHECK: '1' }
    const child = start(t, path!, [...args, file, name, String(AT_ONCE)], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr!.on('data', (data) => (stderr += data))
    const result = await json<T>(child)
    t.deepEqual(await ended(child), { code: 0, signal: null })
    t.is(stderr, '')
    return result
  }

  testUnless(reason, `${name} tells how processes have ended, its own children among them`, async (t) => {
    const told = await run<Told[]>(t, 'smoke-exited')
    t.true(told.length >= 7)
    for (const { script, byChild, byPid, ended: end } of told) {
      const [code, signal] = end
      const status = { code, signal, known: true }
      t.deepEqual(byChild ?? status, status, script)
      rightOrUnknown(t, byPid, status, script)
    }
  })

  testUnless(reason, `${name} has workers that end in the middle of waits, and nothing is left of them`, async (t) => {
    t.timeout(60_000 + WORKERS * 500)
    for (let done = 0; done < WORKERS; done += AT_ONCE) {
      const found = await run<Workers>(t, 'smoke-exited-workers')
      t.deepEqual(found, { told: { SIGKILL: AT_ONCE / 8 }, wrong: 0, left: 0 })
    }
  })
}
