import test from 'ava'
import type { Way } from '../fixtures/reuse-ways.ts'
import { kernel, truth } from './kernel.ts'
import { inNamespace, noPidReuse } from './namespace.ts'

/** Of each way in. */
const ordered = process.env['KILLTARGET_TEST_ROUNDS']
const ROUNDS = 300

/** Milliseconds: of a round on a machine that is busy with much else, and of the rest. */
const [A_ROUND, THE_REST] = [200, 60_000]

/** One at a time: they are many processes each. */
export const reuseTest = noPidReuse === null ? test.serial : test.serial.skip

/** In every round of a way in, the same is seen. Unless a number of rounds is ordered, a way may run a share of them. */
export const sees = test.macro({
  title: (title = '') => (noPidReuse === null ? title : `${title} (not here: ${noPidReuse})`),
  async exec(t, way: Way, expected: object, share: number = 1) {
    const rounds = Number(ordered ?? ROUNDS * share)
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

/** Nothing is sent, through a hold on a process that was had when the target was opened. */
export const boundToTheDead = { method: truth.method, raceFree: truth.raceFree, ...nothing }

/** Nothing is sent, as there was no such process when the target was opened. */
export const gone = { method: 'gone', raceFree: true, ...nothing }

/** Nothing is sent, by the start time. */
export const outlivedByItsNumber = { method: 'start-time', raceFree: false, ...nothing }

export const untouched = { stranger: 0 }
