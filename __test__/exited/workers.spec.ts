import test from 'ava'
import type { Found } from '../fixtures/waits-workers.ts'
import { found, run } from '../helpers/fixture.ts'
import { NO_LEAKS } from '../helpers/leaks.ts'
import { endedBy } from '../helpers/status.ts'

const WORKERS = Number(process.env['KILLTARGET_TEST_WORKERS'] ?? 12)

test.serial(
  `${WORKERS} threads that end in the middle of waits leak nothing, and do not affect the waits of other threads`,
  async (t) => {
    t.timeout(150_000 + WORKERS * 500)
    const { ended, ...others } = await found<Found>(t, 'waits-workers.ts', {
      args: [WORKERS],
      timeout: 150_000 + WORKERS * 500,
    })
    t.true(ended >= WORKERS)
    t.deepEqual(others, { statuses: [endedBy('SIGKILL')], leaks: NO_LEAKS, waiting: 1, errors: [] })
  },
)

test('a process exits cleanly while its threads wait', async (t) => {
  for (let exits = 0; exits < WORKERS; exits += 4) {
    t.deepEqual(await run(t, 'waits-workers.ts', { args: [8, 'leave'] }), { code: 0, stdout: '', stderr: '' })
  }
})
