import test from 'ava'
import type { Found } from '../fixtures/waits.ts'
import { found } from '../helpers/fixture.ts'
import { truth } from '../helpers/kernel.ts'

const PROCESSES = Number(process.env['KILLTARGET_TEST_EXITS'] ?? 1000)
const IN_VAIN = PROCESSES * 100
const MEBIBYTE = 2 ** 20

test.serial(`one thread waits for ${PROCESSES} processes, and only an exit wakes it`, async (t) => {
  const { woken, busy, grown, ...seen } = await found<Found>(t, 'waits.ts', { args: [PROCESSES, IN_VAIN] })
  t.deepEqual(seen, {
    threads: [0, 1, 1],
    right: PROCESSES,
    unknown: 0,
    exitEvents: PROCESSES,
    each: 1,
    left: 0,
    held: 1,
    rejected: IN_VAIN,
  })
  t.log(`idle: woken ${woken} times, ${busy} ns busy; ${(grown / MEBIBYTE).toFixed(1)} MiB more after ${IN_VAIN} waits`)
  // Without a pidfd there is no event, and the thread polls the processes.
  if (truth.capabilities.pidfd) t.deepEqual({ woken, busy }, { woken: 0, busy: 0 })
  t.true(grown < 40 * MEBIBYTE, `${grown} bytes more`)
})
