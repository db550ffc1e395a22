import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { noCompiler } from '../helpers/compile.ts'
import { GUARD, noGuard } from '../helpers/guard.ts'
import { inNamespace, noPidReuse } from '../helpers/namespace.ts'
import { ended, start } from '../helpers/processes.ts'
import { testUnless } from '../helpers/test-unless.ts'

const ROUNDS = Number(process.env['KILLTARGET_TEST_ROUNDS'] ?? 40)

for (const detached of [false, true]) {
  const guard = detached ? 'the group of a guard, which leads it,' : 'a guard'
  testUnless(noGuard, `no signal to ${guard} is lost while it starts`, async (t) => {
    t.timeout(600_000)
    for (let round = 0; round < ROUNDS; round++) {
      const child = start(t, GUARD, ['--', 'sleep', '600'], { detached })
      // From before the first instruction of the guard until the command runs.
      for (let left = round % 20; left > 0; left--) await turn()
      process.kill(detached ? -child.pid : child.pid, 'SIGTERM')
      t.deepEqual(await ended(child), { code: null, signal: 'SIGTERM' })
    }
  })
}

testUnless(
  noPidReuse ?? noGuard ?? noCompiler,
  'a guard does not signal a later process with the pid of its witness',
  async (t) => {
    const found = await inNamespace<{ guard: number; successor: number }>('contained-witness.ts')
    t.deepEqual(found, { guard: 0, successor: 0 })
  },
)

testUnless(noGuard, 'a guard whose parent exits while it starts runs its command', async (t) => {
  for (let round = 0; round < ROUNDS; round++) {
    const parent = start(t, 'sh', ['-c', '"$@" & exit', 'sh', GUARD, '--orphaned=leave', '--', 'echo', 'started'])
    const [text] = (await once(parent.stdout, 'data')) as [Buffer]
    t.is(String(text), 'started\n')
  }
})
