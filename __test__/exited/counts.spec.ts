import type { Found } from '../fixtures/short.ts'
import { noCompiler } from '../helpers/compile.ts'
import { found } from '../helpers/fixture.ts'
import { kernel, truth } from '../helpers/kernel.ts'
import { childFactory } from '../helpers/child-factory.ts'
import { within } from '../helpers/processes.ts'
import { exitedWith, ofZombie, rightOrUnknown } from '../helpers/status.ts'
import { open } from '../helpers/target.ts'
import { testUnless } from '../helpers/test-unless.ts'

const EXITS = Number(process.env['KILLTARGET_TEST_EXITS'] ?? 1000)
const ROUNDS = Number(process.env['KILLTARGET_TEST_ROUNDS'] ?? 30)

testUnless(noCompiler, `exited resolves rightly for each of ${EXITS} processes that exit at once`, async (t) => {
  t.timeout(150_000 + EXITS * 20)
  const { processes: _, ...seen } = await found<Found>(t, 'short.ts', { args: [EXITS], timeout: 120_000 + EXITS * 20 })
  t.deepEqual(seen, { right: EXITS, early: 0, lost: 0, wrong: [] })
})

for (const reaps of [true, false]) {
  const parents = reaps ? 'a parent that reaps at once' : 'a parent that does not reap'
  testUnless(noCompiler, `exited resolves rightly for ${ROUNDS} children of ${parents}`, async (t) => {
    t.timeout(60_000 + ROUNDS * 200)
    const parent = childFactory(t)
    if (reaps) await parent.reapAll()
    let known = 0
    for (let round = 0; round < ROUNDS; round++) {
      const code = round % 256
      const pid = await parent.start(code)
      const target = open(t, pid)
      const exit = target.exited()
      target.signal('SIGUSR1')
      const status = await within(exit, 'the exit')
      target.close()
      if (status.known) known++
      if (reaps) rightOrUnknown(t, status, exitedWith(code))
      else t.deepEqual(status, ofZombie(exitedWith(code)))
    }
    t.log(`${kernel}: ${known} of ${ROUNDS} known`)
    if (truth.capabilities.exitInfo || (!reaps && ofZombie(exitedWith(0)).known)) t.is(known, ROUNDS)
  })
}
