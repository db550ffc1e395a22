import { truth } from '../helpers/kernel.ts'
import { runIn, runtimes } from '../helpers/runtimes.ts'
import { testUnless } from '../helpers/test-unless.ts'

for (const runtime of runtimes) {
  testUnless(runtime.reason, `${runtime.name} terminates processes by each function`, async (t) => {
    const { result } = await runIn<object>(t, runtime, 'smoke-terminate')
    t.deepEqual(result, {
      escalated: ['killed', 'SIGKILL', []],
      group: ['exited', 3, truth.capabilities.groupSignal ? 'race-free' : 'by number'],
      tree: [[true, false], 'exited', 3, 'session'],
      afterKill: ['killed', 'SIGKILL'],
      sync: 'killed',
      aborted: 'exited',
      timedOut: [true, 'SIGTERM'],
      suspended: [[], 'T', []],
      blocked: true,
    })
  })
}
