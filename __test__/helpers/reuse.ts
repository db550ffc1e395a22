import test from 'ava'
import type { Way } from '../fixtures/reuse-ways.ts'
import { kernel, truth } from './kernel.ts'
import { inNamespace, noPidReuse } from './namespace.ts'
import { noTestHooks } from './test-hooks.ts'

/** Rounds of each case. */
const ordered = process.env['KILLTARGET_TEST_ROUNDS']
const ROUNDS = 50

/** Milliseconds on a busy machine: for one round, and for everything else. */
const [A_ROUND, THE_REST] = [200, 60_000]

/** Runs one case at a time: each starts many processes. */
export const reuseTest = noPidReuse === null ? test.serial : test.serial.skip

/** Declares a case that needs a pause in the core, between the scan and the signals. */
export const pausedReuseTest = noTestHooks === undefined ? reuseTest : test.serial.skip

/** Expects the same result of every round. A case may run a `share` of the rounds, if the environment sets no number. */
export const sees = test.macro({
  title(title = '', way) {
    const reason = noPidReuse ?? (String(way).startsWith('between') ? noTestHooks : undefined)
    return reason === undefined ? title : `${title} (skipped: ${reason})`
  },
  async exec(t, way: Way, expected: object, share: number = 1) {
    const rounds = Number(ordered ?? Math.ceil(ROUNDS * share))
    const timeout = THE_REST + rounds * A_ROUND
    t.timeout(timeout + THE_REST)
    const started = performance.now()
    const seen = await inNamespace<object[]>('reuse.ts', { args: [way, String(rounds)], timeout })
    t.log(`${kernel}, ${way}: ${rounds} rounds in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    t.deepEqual(seen, [{ times: rounds, ...expected }])
  },
})

const nothing = {
  signal: false,
  signalPg: false,
  isAlive: false,
  terminate: 'gone',
  terminateGroup: 'gone',
  terminateTree: 'gone',
}

/** Nothing is sent: the target's handle belongs to the process that has exited. */
export const boundToExited = { method: truth.method, raceFree: truth.raceFree, ...nothing }

/** Nothing is sent: there was no such process when the target was opened. */
export const gone = { method: 'gone', raceFree: true, ...nothing }

/** Nothing is sent: the start times differ. */
export const verifiedByStartTime = { method: 'start-time', raceFree: false, ...nothing }

export const untouched = { successor: 0 }
