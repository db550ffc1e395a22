import test from 'ava'
import type { Round } from '../fixtures/workers.ts'
import { found, run } from '../helpers/fixture.ts'
import { sleeper, state } from '../helpers/processes.ts'

const THREADS = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? 12)
const ROUNDS = 3

test('threads that open targets, signal and end in any way leak nothing, and do not affect the targets of other threads', async (t) => {
  const child = sleeper(t)
  const rounds = await found<Round[]>(t, 'workers.ts', { args: [child.pid, THREADS, ROUNDS] })
  t.is(rounds.length, ROUNDS)
  for (const { endings, ...round } of rounds) {
    t.deepEqual(round, { held: 5, own: [true, true, true, true, true], errors: [] })
    t.true(Object.values(endings).every((count) => count >= Math.floor(THREADS / 4)))
  }
  t.is(state(child.pid), 'S')
})

test('a process exits cleanly while its threads open and signal targets', async (t) => {
  const child = sleeper(t)
  t.deepEqual(await run(t, 'workers.ts', { args: [child.pid, 8, 1, 1] }), { code: 0, stdout: '', stderr: '' })
  t.is(state(child.pid), 'S')
})
