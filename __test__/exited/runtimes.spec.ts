import type { ExecutionContext } from 'ava'
import type { ExitStatus } from 'killtarget'
import { runIn, runtimes } from '../helpers/runtimes.ts'
import { endedAs, rightOrUnknown } from '../helpers/status.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'

interface Result {
  script: string
  /** `null`: the child object already had an exit status. */
  byChild: ExitStatus | null
  byPid: ExitStatus
  /** The code and the signal that the runtime reports. */
  ended: [number | null, string | null]
}

interface Workers {
  statuses: Record<string, number>
  thrown: number
  wrong: number
  /** Handles on processes, all file descriptors, all threads. */
  leaks: { handles: number; descriptors: number; threads: number }
}

const AT_ONCE = 40
/** The workers of one process. */
const WORKERS = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? 12)

/** Deno writes this for each error of a worker, even if an `error` listener handles it. */
const THROW = /^error: Uncaught \(in worker ""\) Error: thrown on purpose\n( .*\n)*/gm

for (const runtime of runtimes) {
  const { name, reason } = runtime
  const run = async <T>(t: ExecutionContext, fixture: string, count: number): Promise<T> => {
    const { result, stderr } = await runIn<T>(t, runtime, fixture, count)
    t.is(stderr.replaceAll(THROW, ''), '')
    return result
  }

  testUnless(reason, `exited resolves to the status of processes in ${name}, including its own children`, async (t) => {
    const results = await run<Result[]>(t, 'smoke-exited', AT_ONCE)
    t.true(results.length >= 7)
    for (const { script, byChild, byPid, ended: end } of results) {
      const status = endedAs(...end)
      t.deepEqual(byChild ?? status, status, script)
      rightOrUnknown(t, byPid, status, script)
    }
  })

  serialUnless(reason, `workers of ${name} that end in the middle of waits leak nothing`, async (t) => {
    t.timeout(60_000 + WORKERS * 500)
    const found = await run<Workers>(t, 'smoke-exited-workers', WORKERS)
    const rounds = Math.ceil(WORKERS / 10)
    const leaks = { handles: 0, descriptors: 0, threads: 0 }
    t.deepEqual(found, { statuses: { SIGKILL: rounds }, thrown: 2 * rounds, wrong: 0, leaks })
  })
}
