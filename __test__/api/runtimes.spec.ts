import type { Capabilities, Method } from 'killtarget'
import { truth } from '../helpers/kernel.ts'
import { runIn, runtimes } from '../helpers/runtimes.ts'
import { serialUnless, testUnless } from '../helpers/test-unless.ts'

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

interface RealTime {
  glibc: boolean
  arrived: (number | null)[]
  kept: string[]
}

/** The workers of one process: fewer than in other tests, because each opens 20 targets. */
const WORKERS = Math.ceil(Number(process.env['KILLTARGET_TEST_WORKERS'] ?? 12) / 40) * 10

for (const runtime of runtimes) {
  const { name, reason } = runtime

  testUnless(reason, `${name} opens, signals and closes targets, including its own child objects`, async (t) => {
    const { result } = await runIn<Smoke>(t, runtime, 'smoke')
    t.is(result.runtime, runtime.kind)
    t.deepEqual(result.held, [truth.method, truth.raceFree])
    t.like(result.capabilities, { ...truth.capabilities, proc: true, raceFree: truth.raceFree })
  })

  testUnless(
    reason,
    `${name} sends the real-time signals that its C library does not reserve, by name and by number`,
    async (t) => {
      const { glibc, arrived, kept } = (await runIn<RealTime>(t, runtime, 'smoke-real-time')).result
      const first = glibc ? 34 : 35
      t.deepEqual(arrived, [first, first, first, 64, 64, 64])
      t.deepEqual(kept, Array<string>(first - 32).fill('ERR_UNKNOWN_SIGNAL'))
    },
  )

  serialUnless(reason, `${name} closes the handles of workers that have ended`, async (t) => {
    const { before, after, signalled, mine } = (await runIn<Workers>(t, runtime, 'smoke-workers', WORKERS)).result
    t.deepEqual([before.handles, after.handles], [1, 1])
    t.deepEqual([signalled, mine], [WORKERS * 20, true])
    // Deno keeps an event loop of each worker that loaded an addon, even an empty one.
    if (name !== 'deno') t.true(after.all <= before.all + 5, `${before.all} descriptors have become ${after.all}`)
  })

  testUnless(reason, `${name} loads killtarget/tree-kill by import and by require`, async (t) => {
    const { result } = await runIn<object>(t, runtime, 'smoke-tree-kill')
    t.deepEqual(result, { isSame: true, args: 0, signal: 'SIGTERM', code: 'ERR_UNKNOWN_SIGNAL' })
  })
}
