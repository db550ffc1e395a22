import type { ExecutionContext } from 'ava'
import type { ExitStatus } from 'killtarget'
import { kernel } from './helpers/kernel.ts'
import { runIn, runtimes } from './helpers/runtimes.ts'
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
const AT_ONCE = 40
const WORKERS = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? (kernel === 'host' ? 200 : AT_ONCE))

for (const runtime of runtimes) {
  const { name, reason } = runtime
  const run = async <T>(t: ExecutionContext, fixture: string): Promise<T> => {
    const { result, stderr } = await runIn<T>(t, runtime, fixture, AT_ONCE)
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
